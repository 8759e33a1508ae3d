import { z } from "zod";
import { configKeys, live } from "../../domain/configKey.ts";
import { NotificationKind } from "../../domain/notification.ts";

const OnMessage = z
  .array(NotificationKind)
  .default([...NotificationKind.options])
  .register(configKeys, live("what is told there"));

const ChannelName = z
  .string()
  .regex(/^[A-Za-z0-9][\w.-]{0,39}$/, "letters, digits, dot, dash and underscore only")
  .optional()
  .register(configKeys, live("its name in the audit log; default: its type"));

/**
 * The name of an environment variable. Secrets belong in the environment, because the configuration is printed, logged
 * and backed up.
 */
const EnvName = z
  .string()
  .regex(
    /^[A-Za-z_][A-Za-z0-9_]*$/,
    "name an environment variable, such as SELFHEAL_SLACK_URL; the secret stays out of the file",
  );

/** A channel that notifies people. A secret is named by its environment variable and is never in the file. */
export const NotificationChannel = z.discriminatedUnion("type", [
  z.strictObject({
    type: z.literal("log").register(configKeys, live("the process's own log")),
    name: ChannelName,
    on: OnMessage,
  }),
  z.strictObject({
    type: z
      .literal("webhook")
      .register(configKeys, live("POSTs JSON, signed with HMAC-SHA256 where `secretEnv` names a secret")),
    url: z
      .string()
      .url()
      .register(configKeys, live("where it is POSTed to", { secret: "url" })),
    secretEnv: EnvName.optional().register(configKeys, live("the variable that holds the signing secret")),
    name: ChannelName,
    on: OnMessage,
  }),
  z.strictObject({
    type: z.literal("slack").register(configKeys, live("a Slack incoming webhook")),
    urlEnv: EnvName.default("SELFHEAL_SLACK_URL").register(
      configKeys,
      live("the variable that holds the webhook's URL, which is the secret"),
    ),
    name: ChannelName,
    on: OnMessage,
  }),
  z.strictObject({
    type: z.literal("email").register(configKeys, live("mail by SMTP")),
    smtpUrlEnv: EnvName.default("SELFHEAL_SMTP_URL").register(
      configKeys,
      live("the variable that holds `smtp://user:password@host:port`"),
    ),
    from: z.string().min(3).register(configKeys, live("the sender's address")),
    to: z.array(z.string().min(3)).min(1).register(configKeys, live("the receivers' addresses")),
    name: ChannelName,
    on: OnMessage,
  }),
]);
export type NotificationChannel = z.infer<typeof NotificationChannel>;
