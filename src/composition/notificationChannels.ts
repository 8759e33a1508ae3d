import type { Config, NotificationChannel } from "../config/index.ts";
import { type Fault, InvalidInputError } from "../domain/errors.ts";
import type { Clock } from "../domain/ports/clock.ts";
import type { Log } from "../domain/ports/log.ts";
import type { Channel } from "../domain/ports/notifier.ts";
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

function make(settings: NotificationChannel, name: string, secret: string | null, deps: ChannelDeps): Channel[] {
  const { on } = settings;
  const common = { name, on, recipient: name };
  if (settings.type === "log") return [createLogChannel(common, deps)];
  if (settings.type === "webhook") return [createWebhookChannel({ ...common, url: settings.url, secret }, deps)];
  if (settings.type === "slack") return [createSlackChannel({ ...common, url: secret ?? "" })];
  const { from, to } = settings;
  const recipients = [...new Set(to)];
  return recipients.map((one) =>
    createEmailChannel({ name: `${name}/${one}`, on, from, to: one, smtpUrl: secret ?? "" }),
  );
}

type Secret = { found: string | null; missing: Fault | null };

/** Reads the secret of a channel from the variable that the configuration names. Its value is never part of a fault. */
function secretsOf(settings: NotificationChannel, secretOf: ChannelDeps["secretOf"]): Secret {
  if (settings.type === "slack") return named("urlEnv", settings.urlEnv, ["https:", "http:"], secretOf);
  if (settings.type === "email") return named("smtpUrlEnv", settings.smtpUrlEnv, ["smtp:", "smtps:"], secretOf);
  if (settings.type === "webhook" && settings.secretEnv !== undefined)
    return named("secretEnv", settings.secretEnv, null, secretOf);
  return { found: null, missing: null };
}

function named(
  path: string,
  variable: string,
  protocols: readonly string[] | null,
  secretOf: ChannelDeps["secretOf"],
): Secret {
  const found = secretOf(variable) ?? "";
  const fault = (message: string): Secret => ({ found: null, missing: { path, message } });
  if (found === "") return fault(`the environment variable ${variable} is not set`);
  if (protocols !== null && !(URL.canParse(found) && protocols.includes(new URL(found).protocol)))
    return fault(
      `the environment variable ${variable} holds no ${protocols.map((p) => `${p}//`).join(" or ")} address`,
    );
  return { found, missing: null };
}
