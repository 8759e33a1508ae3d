import { z } from "zod";
import { atStart, configKeys, live } from "../domain/configKey.ts";
import { TrustTier } from "../domain/event.ts";
import { GroupingRule } from "../domain/groupingRule.ts";
import { MessageKind } from "../domain/notification.ts";
import { PersonalData } from "../domain/privacy.ts";
import { Autonomy } from "../domain/service.ts";
import { patternFault } from "./safePattern.ts";

const DAY_MS = 86_400_000;

const count = () => z.number().int().nonnegative();
const atLeastOne = () => z.number().int().positive();

/** A key that clients send. Exactly one of `key` and `keyHash` (SHA-256, hex). */
export const IngestKey = z
  .strictObject({
    key: z
      .string()
      .min(8)
      .optional()
      .register(configKeys, live("the key itself; or give `keyHash`", { secret: "whole" })),
    keyHash: z
      .string()
      .regex(/^[0-9a-f]{64}$/, "give the SHA-256 of the key: 64 hex digits, lower case")
      .optional()
      .register(configKeys, live('the SHA-256 of the key, hex: `printf %s "$KEY" | sha256sum`', { secret: "whole" })),
    project: z.string().min(1).register(configKeys, live("the project whose Events it may send")),
    tier: TrustTier.exclude(["T3"])
      .default("T0")
      .register(
        configKeys,
        live(
          "how far its Events are trusted: `T0` public (browsers) · `T1` secret (servers) · `T2` secret, and every request is signed with it (docs/events.md)",
        ),
      ),
    service: z
      .string()
      .min(1)
      .optional()
      .register(configKeys, live("the service of its Events that name none; default: the project's only one")),
  })
  .refine((k) => k.tier !== "T2" || k.key !== undefined, "a T2 key signs: give key, a hash cannot check signatures")
  .refine((k) => (k.key === undefined) !== (k.keyHash === undefined), "give exactly one of key and keyHash");

export const ModelConfig = z.strictObject({
  baseUrl: z
    .string()
    .url()
    .optional()
    .register(
      configKeys,
      atStart("any OpenAI-compatible endpoint; default: `OPENAI_BASE_URL`, else OpenAI's", { secret: "url" }),
    ),
  name: z.string().min(1).default("gpt-5-mini").register(configKeys, atStart("the model's name at that endpoint")),
  perAgent: z
    .partialRecord(z.enum(["triage", "planner", "coder", "securityReviewer"]), z.string().min(1))
    .default({})
    .register(configKeys, atStart("another model for single agents: `triage`, `planner`, `coder`, `securityReviewer`")),
  structuredOutput: z
    .enum(["jsonSchema", "functionCalling", "jsonMode", "text"])
    .default("jsonSchema")
    .register(
      configKeys,
      atStart(
        "servers without strict JSON schema need `functionCalling` or `jsonMode`; `text`: the schema is in the prompt, and nothing else is asked of the server",
      ),
    ),
  toolCalls: z
    .enum(["native", "text"])
    .default("native")
    .register(
      configKeys,
      atStart("`text`: for models without tool calls; tools are described in the prompt, calls read out of the reply"),
    ),
  timeoutMs: atLeastOne().default(60_000).register(configKeys, atStart("how long one call may take")),
  maxRetries: z.number().int().min(0).max(5).default(1).register(configKeys, atStart("further tries of a failed call")),
  maxToolCalls: atLeastOne()
    .default(40)
    .register(configKeys, atStart("how often the coder may use its tools in one Attempt")),
  maxCodingMs: atLeastOne()
    .default(600_000)
    .register(configKeys, atStart("how long the coder may work in one Attempt")),
  maxCandidates: z
    .number()
    .int()
    .min(1)
    .max(10)
    .default(3)
    .register(configKeys, atStart("how often the coder may begin anew, on a clean tree, in one Attempt")),
  compareCandidates: z
    .number()
    .int()
    .min(1)
    .max(5)
    .default(1)
    .register(
      configKeys,
      atStart("how many patches that pass are made before one is chosen; two that behave differently mean silence"),
    ),
  requireReproduction: z
    .boolean()
    .default(true)
    .register(configKeys, atStart("false: a model may also propose where nothing makes the exception happen again")),
  writeTests: z
    .boolean()
    .default(true)
    .register(
      configKeys,
      atStart("where no reproduction is given or found, the model writes one first (docs/reproductions.md)"),
    ),
  maxPromptTokens: count()
    .default(0)
    .register(configKeys, atStart("the most that one request may hold, for models with short contexts; 0: any size")),
  maxToolOutput: z
    .number()
    .int()
    .min(500)
    .max(40_000)
    .default(8000)
    .register(configKeys, atStart("characters of one tool's answer; what is longer is cut")),
});

const OnMessage = z
  .array(MessageKind)
  .default([...MessageKind.options])
  .register(configKeys, live("what is told there"));

const ChannelName = z
  .string()
  .regex(/^[A-Za-z0-9][\w.-]{0,39}$/, "letters, digits, dot, dash and underscore only")
  .optional()
  .register(configKeys, live("its name in the audit log; default: its type"));

/** A secret belongs into the environment; what stands here is printed, logged and backed up. */
const EnvName = z
  .string()
  .regex(
    /^[A-Za-z_][A-Za-z0-9_]*$/,
    "name an environment variable, such as SELFHEAL_SLACK_URL; the secret stays out of the file",
  );

/** Where people are told. Secrets are named by their environment variable, never written into the file. */
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

/** How long things are kept, milliseconds. */
export const Retention = z.strictObject({
  closedTicketsMs: atLeastOne()
    .default(90 * DAY_MS)
    .register(configKeys, live("closed tickets, with their thread, checkpoints and blobs")),
  checkpointsMs: atLeastOne()
    .default(14 * DAY_MS)
    .register(configKeys, live("checkpoints of closed tickets: what Studio shows of their past")),
  worktreesMs: atLeastOne().default(DAY_MS).register(configKeys, live("working trees of closed tickets")),
  eventsMs: atLeastOne()
    .default(30 * DAY_MS)
    .register(configKeys, live("Events that no open ticket needs")),
  everyMs: atLeastOne().default(3_600_000).register(configKeys, live("how often it is looked at")),
});

/** US dollars a million tokens. */
export const Price = z.strictObject({ input: z.number().nonnegative(), output: z.number().nonnegative() });

/** 0: no limit. Money needs a price for every model that is used. */
export const Budgets = z.strictObject({
  maxTokensPerDay: count()
    .default(2_000_000)
    .register(configKeys, live("tokens of all services in 24 hours; 0: no limit")),
  maxTokensPerServicePerDay: count()
    .default(0)
    .register(configKeys, live("tokens of one service in 24 hours; 0: no limit")),
  maxUsdPerTicket: z
    .number()
    .nonnegative()
    .default(0)
    .register(configKeys, live("US dollars a ticket; 0: no limit; needs `prices`")),
  maxUsdPerDay: z
    .number()
    .nonnegative()
    .default(0)
    .register(configKeys, live("US dollars of all services in 24 hours; 0: no limit; needs `prices`")),
  maxUsdPerServicePerDay: z
    .number()
    .nonnegative()
    .default(0)
    .register(configKeys, live("US dollars of one service in 24 hours; 0: no limit; needs `prices`")),
});

/** The level that a service has earned for a class of errors; off unless asked for. */
export const EarnedAutonomy = z.strictObject({
  enabled: z
    .boolean()
    .default(false)
    .register(configKeys, live("true: a service's level rises by what held, and falls at once on a revert")),
  heldInARow: atLeastOne()
    .default(5)
    .register(
      configKeys,
      live("Fixes that must have held in a row, without a revert, an edit or a rejection in between"),
    ),
  windowMs: atLeastOne()
    .default(90 * DAY_MS)
    .register(configKeys, live("they must have held within this time")),
  upTo: Autonomy.default("full").register(configKeys, live("the highest level that can be earned")),
});

/** What is looked at before work on a ticket starts. */
export const Claims = z.strictObject({
  enabled: z.boolean().default(true).register(configKeys, live("false: work starts without looking")),
  quietForMs: count()
    .default(14 * DAY_MS)
    .register(
      configKeys,
      live("a ticket whose newest Event is older is not worked on unless it happens again; 0: never too old"),
    ),
  suppressForMs: atLeastOne()
    .default(30 * DAY_MS)
    .register(configKeys, live("a dismissed Issue is left alone this long")),
  branchesWithinMs: count()
    .default(14 * DAY_MS)
    .register(
      configKeys,
      live("unmerged branches younger than this that touch the same lines mean that somebody is at work"),
    ),
});

/** What a request may hold, and how much may wait. */
export const Limits = z.strictObject({
  maxBodyBytes: atLeastOne()
    .default(1_000_000)
    .register(
      configKeys,
      atStart("a request's body, or a message of a stream, decompressed; one event of an envelope"),
    ),
  maxEnvelopeBytes: atLeastOne()
    .default(5_000_000)
    .register(configKeys, atStart("a whole Sentry envelope, attachments included, decompressed")),
  maxItemsPerEnvelope: atLeastOne().default(100).register(configKeys, live("items of one Sentry envelope")),
  maxDepth: z.number().int().positive().max(64).default(32).register(configKeys, live("nesting of its JSON")),
  maxValues: atLeastOne().default(100_000).register(configKeys, live("members and elements of its JSON")),
  maxEventsPerRequest: atLeastOne().default(100).register(configKeys, live("Events in one request")),
  maxBytesInFlight: atLeastOne()
    .default(64_000_000)
    .register(configKeys, atStart("bytes of all requests and streams that are being read; what is over gets a 429")),
  eventsPerMinutePerKey: atLeastOne()
    .default(6000)
    .register(configKeys, atStart("Events of one key; what is over gets a 429")),
  requestsPerMinutePerAddress: atLeastOne()
    .default(6000)
    .register(
      configKeys,
      atStart("requests of one address, with or without a key; one with a wrong key counts ten times"),
    ),
  maxSpool: atLeastOne()
    .default(100_000)
    .register(
      configKeys,
      atStart("Events that wait to be digested: from half of it clients are asked to send less, over it a 429"),
    ),
  maxSpoolBytes: atLeastOne().default(1_000_000_000).register(configKeys, atStart("the same, in bytes")),
  minFreeDiskBytes: count()
    .default(500_000_000)
    .register(
      configKeys,
      atStart("with less free disk, Events of known families are only counted; below a quarter of it nothing is taken"),
    ),
  maxConnections: atLeastOne()
    .default(1000)
    .register(configKeys, atStart("open connections; further ones are refused")),
  maxConnectionsPerAddress: atLeastOne()
    .default(250)
    .register(configKeys, atStart("open connections of one address that is not among `trustedProxies`")),
  trustedProxies: z
    .array(z.union([z.ipv4(), z.ipv6(), z.cidrv4(), z.cidrv6()]))
    .default(["127.0.0.1", "::1"])
    .register(
      configKeys,
      atStart(
        "addresses and networks of reverse proxies, whose `X-Forwarded-For` says who asks; they may open any number of connections",
      ),
    ),
});

export const Grouping = z.strictObject({
  rules: z
    .array(GroupingRule)
    .max(200)
    .default([])
    .register(
      configKeys,
      live("your own word on which Events are one Issue; the first that matches counts (docs/grouping.md)"),
    ),
});

/** When many new problems of a service at one time are one run. */
export const Incident = z.strictObject({
  families: count()
    .default(5)
    .register(
      configKeys,
      live(
        "so many new Issues of one service within `withinMs` are one incident: one ticket, for which the others wait; 0: never",
      ),
    ),
  withinMs: atLeastOne().default(30_000).register(configKeys, live("see `families`")),
  holdMs: atLeastOne()
    .default(3_600_000)
    .register(configKeys, live("the others wait at most so long; one that still happens then has a ticket of its own")),
});

/** Bounds of uploaded source maps, and of those in a service's `sourceMapsDir`. */
export const SourceMaps = z.strictObject({
  maxMapBytes: z
    .number()
    .int()
    .positive()
    .max(64_000_000)
    .default(32_000_000)
    .register(configKeys, atStart("one source map; a larger one is refused, or its frames stay as they are")),
  maxReleaseBytes: atLeastOne()
    .default(500_000_000)
    .register(configKeys, live("all source maps of one release of a project")),
});

const ScrubPattern = z
  .strictObject({
    name: z
      .string()
      .max(20)
      .regex(/^[a-z]+(?:-[a-z]+)*$/, "small letters and dashes only")
      .register(configKeys, live("what stands in place of the text: `[scrubbed:name]`")),
    pattern: z
      .string()
      .min(1)
      .max(200)
      .register(
        configKeys,
        live("a regular expression, without slashes; must take linear time on any text, which is checked"),
      ),
    ignoreCase: z.boolean().default(false).register(configKeys, live("whether capitals do not matter")),
  })
  .superRefine(({ pattern, ignoreCase }, context) => {
    const fault = pattern.length > 200 ? null : patternFault(pattern, ignoreCase);
    if (fault !== null) context.addIssue({ code: "custom", path: ["pattern"], message: fault });
  });

export const Privacy = z.strictObject({
  denyKeys: z
    .array(z.string().min(1).max(128))
    .max(500)
    .default([])
    .register(
      configKeys,
      live(
        "names of tags, headers, context, variables and JSON fields whose values are never kept, beside the built-in ones",
      ),
    ),
  patterns: z
    .array(ScrubPattern)
    .max(50)
    .default([])
    .register(
      configKeys,
      live("texts of your own that are never kept, as regular expressions: replaced by `[scrubbed:name]`"),
    ),
  emails: PersonalData.default("drop").register(
    configKeys,
    live("e-mail addresses: `keep`, `mask` (only the domain stays: `[email:example.org]`) or `drop`"),
  ),
  ipAddresses: PersonalData.default("drop").register(
    configKeys,
    live("IP addresses: `keep`, `mask` (the network stays: IPv4 /24, IPv6 /48) or `drop`"),
  ),
});
