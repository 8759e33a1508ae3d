import { readFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { z } from "zod";
import { InvalidInputError, messageOf, SelfhealError } from "./domain/errors.ts";
import { TrustTier } from "./domain/event.ts";
import { SandboxGrade } from "./domain/evidence.ts";
import { MessageKind } from "./domain/message.ts";
import { Autonomy, Health, type Policy, Service } from "./domain/service.ts";
import { Severity } from "./domain/ticket.ts";

/** A key that clients send. Exactly one of `key` and `keyHash` (SHA-256, hex). */
const IngestKey = z
  .strictObject({
    key: z.string().min(8).optional(),
    keyHash: z
      .string()
      .regex(/^[0-9a-f]{64}$/)
      .optional(),
    project: z.string().min(1),
    tier: TrustTier.exclude(["T3"]).default("T0"),
  })
  .refine((k) => (k.key === undefined) !== (k.keyHash === undefined), "give exactly one of key and keyHash");

const ModelConfig = z.strictObject({
  /** OpenAI-compatible endpoint; default: OPENAI_BASE_URL, else the library's own. */
  baseUrl: z.string().url().optional(),
  name: z.string().min(1).default("gpt-5-mini"),
  /** Another model for single agents. */
  perAgent: z.partialRecord(z.enum(["triage", "planner", "coder", "securityReviewer"]), z.string().min(1)).default({}),
  /** Servers without strict JSON schema need functionCalling or jsonMode. */
  structuredOutput: z.enum(["jsonSchema", "functionCalling", "jsonMode"]).default("jsonSchema"),
  timeoutMs: z.number().int().positive().default(60_000),
  maxRetries: z.number().int().min(0).max(5).default(1),
  maxToolCalls: z.number().int().positive().default(40),
});

const OnMessage = z.array(MessageKind).default([...MessageKind.options]);

/** Where people are told. Secrets are named by their environment variable, never written into the file. */
const NotificationChannel = z.discriminatedUnion("type", [
  z.strictObject({ type: z.literal("log"), on: OnMessage }),
  /** POSTs JSON, signed with HMAC-SHA256 where `secretEnv` names a secret. */
  z.strictObject({
    type: z.literal("webhook"),
    url: z.string().url(),
    secretEnv: z.string().min(1).optional(),
    on: OnMessage,
  }),
  /** A Slack incoming webhook, whose URL is the secret. */
  z.strictObject({ type: z.literal("slack"), urlEnv: z.string().min(1).default("SELFHEAL_SLACK_URL"), on: OnMessage }),
  z.strictObject({
    type: z.literal("email"),
    /** Names the variable that holds smtp://user:password@host:port. */
    smtpUrlEnv: z.string().min(1).default("SELFHEAL_SMTP_URL"),
    from: z.string().min(3),
    to: z.array(z.string().min(3)).min(1),
    on: OnMessage,
  }),
]);
export type NotificationChannel = z.infer<typeof NotificationChannel>;

const DAY_MS = 86_400_000;

/** How long things are kept, milliseconds. */
const Retention = z.strictObject({
  /** Closed tickets, with their thread, checkpoints and blobs. */
  closedTicketsMs: z
    .number()
    .int()
    .positive()
    .default(90 * DAY_MS),
  /** Checkpoints of closed tickets: what Studio shows of their past. */
  checkpointsMs: z
    .number()
    .int()
    .positive()
    .default(14 * DAY_MS),
  /** Events that no open ticket needs. */
  eventsMs: z
    .number()
    .int()
    .positive()
    .default(30 * DAY_MS),
  /** How often it is looked at. */
  everyMs: z.number().int().positive().default(3_600_000),
});

/** US dollars a million tokens. */
const Price = z.strictObject({ input: z.number().nonnegative(), output: z.number().nonnegative() });

/** 0: no limit. Money needs a price for every model that is used. */
const Budgets = z.strictObject({
  maxTokensPerDay: z.number().int().nonnegative().default(2_000_000),
  maxTokensPerServicePerDay: z.number().int().nonnegative().default(0),
  maxUsdPerTicket: z.number().nonnegative().default(0),
  maxUsdPerDay: z.number().nonnegative().default(0),
  maxUsdPerServicePerDay: z.number().nonnegative().default(0),
});

/** The level that a service has earned for a class of errors; off unless asked for. */
const EarnedAutonomy = z.strictObject({
  enabled: z.boolean().default(false),
  /** Fixes that must have held in a row, without a revert, an edit or a rejection in between. */
  heldInARow: z.number().int().positive().default(5),
  /** Only what happened in this time counts, milliseconds. */
  windowMs: z
    .number()
    .int()
    .positive()
    .default(90 * DAY_MS),
  /** The highest level that can be earned. */
  upTo: Autonomy.default("full"),
});

/** What is looked at before work on a ticket starts. */
const Claims = z.strictObject({
  enabled: z.boolean().default(true),
  /** A ticket whose newest Event is older than this is not worked on unless it happens again; 0: never too old. */
  quietForMs: z
    .number()
    .int()
    .nonnegative()
    .default(14 * DAY_MS),
  /** A dismissed Issue is left alone this long. */
  suppressForMs: z
    .number()
    .int()
    .positive()
    .default(30 * DAY_MS),
  /** Unmerged branches younger than this that touch the same lines mean that somebody is at work. */
  branchesWithinMs: z
    .number()
    .int()
    .nonnegative()
    .default(14 * DAY_MS),
});

/** A service as it is configured: a misspelt `autonomy` must not pass for the global one. */
const ServiceConfig = Service.extend({
  health: Health.strict()
    .refine((h) => h.url !== undefined || h.command !== undefined, "give url, command or both")
    .optional(),
}).strict();

/** The configuration. Unknown keys are faults, so that a misspelt one never passes for a default. */
export const Config = z.strictObject({
  enabled: z.boolean().default(true),
  dataDir: z.string().min(1).default(".selfheal"),
  host: z.string().min(1).default("127.0.0.1"),
  port: z.number().int().min(0).max(65_535).default(4700),
  /** Web origins that may call the LangGraph API from a browser, such as LangGraph Studio's. None by default. */
  studioOrigins: z.array(z.string().url()).default([]),
  autonomy: Autonomy.default("supervised"),
  autoDeploySeverity: z.array(Severity).default(["critical", "high"]),
  requireTestsPass: z.boolean().default(true),
  /** Ask a person before the coder starts. */
  approvePlan: z.boolean().default(false),
  maxAutoDeploysPerHour: z.number().int().nonnegative().default(5),
  maxAutoDeploysPerDay: z.number().int().nonnegative().default(20),
  /** A batch closes this long after the last event of its window… */
  debounceMs: z.number().int().nonnegative().default(60_000),
  /** …and at the latest this long after the first. */
  maxWaitMs: z.number().int().nonnegative().default(600_000),
  /** A question that nobody answered is brought up again, once, after this; it stays open. An agent that makes no headway
   * for this long is stuck: its run is stopped and a person asked. */
  escalationTimeoutMs: z.number().int().positive().default(300_000),
  maxAttempts: z.number().int().positive().max(10).default(3),
  maxFiles: z.number().int().positive().default(3),
  maxLines: z.number().int().positive().default(60),
  maxTokensPerTicket: z.number().int().nonnegative().default(200_000),
  budgets: Budgets.prefault({}),
  /** Prices by model name. */
  prices: z.record(z.string(), Price).default({}),
  /** Tickets that are worked on or wait for a person, a service; further Batches wait. */
  maxOpenTickets: z.number().int().positive().default(100),
  /** While this file exists nothing new is deployed. Default: PAUSE in the data folder. */
  killSwitchFile: z.string().min(1).optional(),
  /** How long a stop waits for steps that are under way, milliseconds. */
  drainMs: z.number().int().nonnegative().default(10_000),
  earnedAutonomy: EarnedAutonomy.prefault({}),
  claims: Claims.prefault({}),
  retention: Retention.prefault({}),
  notificationChannels: z.array(NotificationChannel).default([{ type: "log", on: [...MessageKind.options] }]),
  /** Where people reach this server from outside: the links in messages begin with it. */
  publicUrl: z.string().url().optional(),
  /** The weakest sandbox whose evidence may deploy by itself. */
  sandboxForAuto: SandboxGrade.default("bubblewrap"),
  /** rules: no model. rulesThenModel: the model where the rules abstain. model: the model alone. */
  brain: z.enum(["rules", "rulesThenModel", "model"]).default("rules"),
  model: ModelConfig.prefault({}),
  limits: z
    .strictObject({
      maxBodyBytes: z.number().int().positive().default(1_000_000),
      maxDepth: z.number().int().positive().max(64).default(32),
      maxEventsPerRequest: z.number().int().positive().default(100),
      eventsPerMinutePerKey: z.number().int().positive().default(6000),
      maxSpool: z.number().int().positive().default(100_000),
      maxConnections: z.number().int().positive().default(1000),
    })
    .prefault({}),
  keys: z.array(IngestKey).default([]),
  services: z.array(ServiceConfig).default([]),
});
export type Config = z.infer<typeof Config>;

/** Checks everything at once. Throws InvalidInputError `config` that lists every fault with its path. */
export function parseConfig(input: unknown): Config {
  const parsed = Config.safeParse(input);
  if (!parsed.success) {
    throw new InvalidInputError(
      "config",
      parsed.error.issues.map((i) => ({ path: pathOf(i.path), message: i.message })),
    );
  }
  const faults = parsed.data.services.flatMap((s, i) =>
    parsed.data.services.findIndex((other) => other.name === s.name) < i
      ? [{ path: `services[${i}].name`, message: `"${s.name}" is there twice` }]
      : [],
  );
  if (faults.length > 0) throw new InvalidInputError("config", faults);
  return Object.freeze(parsed.data);
}

/** Reads a JSON configuration file; paths in it are relative to it. Throws SelfhealError `config`. */
export function readConfig(file: string): Config {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (cause) {
    throw new SelfhealError("config", `cannot read ${file}: ${messageOf(cause)}`, { cause });
  }
  let input: unknown;
  try {
    input = JSON.parse(text);
  } catch (cause) {
    throw new SelfhealError("config", `${file} is not JSON: ${messageOf(cause)}`, { cause });
  }
  const config = parseConfig(input);
  const from = dirname(resolve(file));
  return Object.freeze({
    ...config,
    dataDir: resolve(from, config.dataDir),
    services: config.services.map((s) => ({ ...s, repo: resolve(from, s.repo) })),
  });
}

/** The policy that the gate decides by, for one service. */
export function policyFor(config: Config, service: Service): Policy {
  return {
    autonomy: service.autonomy ?? config.autonomy,
    autoDeploySeverity: config.autoDeploySeverity,
    requireTestsPass: config.requireTestsPass,
    approvePlan: config.approvePlan,
    maxAutoDeploysPerHour: config.maxAutoDeploysPerHour,
    maxAutoDeploysPerDay: config.maxAutoDeploysPerDay,
    maxFiles: config.maxFiles,
    maxLines: config.maxLines,
    sandboxForAuto: config.sandboxForAuto,
    maxTokensPerTicket: config.maxTokensPerTicket,
    protectedPaths: service.protectedPaths,
  };
}

/** `services[0].repo`, as a person would write it. */
function pathOf(path: readonly PropertyKey[]): string {
  return path.reduce<string>(
    (text, part) =>
      typeof part === "number" ? `${text}[${part}]` : text === "" ? String(part) : `${text}.${String(part)}`,
    "",
  );
}
