import type { Config, NotificationChannel } from "../config/index.ts";
import { type Fault, InvalidInputError } from "../domain/errors.ts";
import type { Clock } from "../domain/ports/clock.ts";
import type { Log } from "../domain/ports/log.ts";
import type { Channel, ChannelSettings } from "../domain/ports/notifier.ts";
import { createEmailChannel } from "../integrations/notifications/channels/email.ts";
import { createLogChannel } from "../integrations/notifications/channels/log.ts";
import { createSlackChannel } from "../integrations/notifications/channels/slack.ts";
import { createWebhookChannel } from "../integrations/notifications/channels/webhook.ts";

/** What `createChannels` needs. */
export interface ChannelDeps {
  clock: Clock;
  log: Log;
  /** The value of an environment variable that the configuration names. */
  secretOf: (name: string) => string | undefined;
}

/**
 * Creates the configured channels; an email channel becomes one channel per recipient. Throws InvalidInputError
 * `config` with every fault: a variable that is not set, an invalid URL, a duplicate name.
 */
export function createChannels(config: Pick<Config, "notificationChannels">, deps: ChannelDeps): Channel[] {
  const faults: Fault[] = [];
  const channels = config.notificationChannels.flatMap((settings, index) => {
    const path = `notificationChannels[${index}]`;
    const { found, missing } = secretsOf(settings, deps.secretOf);
    if (missing !== null) faults.push({ ...missing, path: `${path}.${missing.path}` });
    const name = settings.name ?? settings.type;
    const earlier = config.notificationChannels.slice(0, index);
    if (earlier.some((other) => (other.name ?? other.type) === name))
      faults.push({ path: `${path}.name`, message: `"${name}" is there twice: give each channel a name` });
    return missing === null ? make(settings, name, found, deps) : [];
  });
  if (faults.length > 0) throw new InvalidInputError("config", faults);
  return channels;
}

interface ChannelParts<T extends NotificationChannel> {
  settings: T;
  common: ChannelSettings;
  /** The value of the variable that `secret` names; null where the channel has no secret. */
  secret: string | null;
  deps: ChannelDeps;
}

/** How channels of one type are made. */
interface ChannelType<T extends NotificationChannel> {
  /** The setting that names the variable of the secret, that variable, and the URL schemes that its value may have. */
  secret(settings: T): { key: string; variable: string; schemes: readonly string[] | null } | null;
  /** One channel a recipient. */
  create(parts: ChannelParts<T>): Channel[];
}

/** Every type of channel. To add one, add its file in integrations/notifications/channels, its settings in config/sections, and an entry here. */
const CHANNEL_TYPES: { [T in NotificationChannel["type"]]: ChannelType<Extract<NotificationChannel, { type: T }>> } = {
  log: {
    secret: () => null,
    create: ({ common, deps }) => [createLogChannel(common, deps)],
  },
  webhook: {
    secret: ({ secretEnv }) =>
      secretEnv === undefined ? null : { key: "secretEnv", variable: secretEnv, schemes: null },
    create: ({ settings, common, secret, deps }) => [
      createWebhookChannel({ ...common, url: settings.url, secret }, deps),
    ],
  },
  slack: {
    secret: ({ urlEnv }) => ({ key: "urlEnv", variable: urlEnv, schemes: ["https:", "http:"] }),
    create: ({ common, secret }) => [createSlackChannel({ ...common, url: secret ?? "" })],
  },
  email: {
    secret: ({ smtpUrlEnv }) => ({ key: "smtpUrlEnv", variable: smtpUrlEnv, schemes: ["smtp:", "smtps:"] }),
    create: ({ settings: { from, to }, common, secret }) =>
      [...new Set(to)].map((one) =>
        createEmailChannel({ name: `${common.name}/${one}`, on: common.on, from, to: one, smtpUrl: secret ?? "" }),
      ),
  },
};

function typeOf(settings: NotificationChannel): ChannelType<NotificationChannel> {
  return CHANNEL_TYPES[settings.type] as ChannelType<NotificationChannel>;
}

function make(settings: NotificationChannel, name: string, secret: string | null, deps: ChannelDeps): Channel[] {
  return typeOf(settings).create({ settings, common: { name, on: settings.on, recipient: name }, secret, deps });
}

type Secret = { found: string | null; missing: Fault | null };

/** The secret that the channel needs. Its value is never part of a fault. */
function secretsOf(settings: NotificationChannel, secretOf: ChannelDeps["secretOf"]): Secret {
  const wanted = typeOf(settings).secret(settings);
  if (wanted === null) return { found: null, missing: null };
  const { key, variable, schemes } = wanted;
  const found = secretOf(variable) ?? "";
  const fault = (message: string): Secret => ({ found: null, missing: { path: key, message } });
  if (found === "") return fault(`the environment variable ${variable} is not set`);
  if (schemes !== null && !(URL.canParse(found) && schemes.includes(new URL(found).protocol)))
    return fault(`the environment variable ${variable} holds no ${schemes.map((p) => `${p}//`).join(" or ")} address`);
  return { found, missing: null };
}
