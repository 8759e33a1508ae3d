import { z } from "zod";
import { atStart, configKeys, live } from "../domain/configKey.ts";
import { SandboxGrade } from "../domain/evidence.ts";
import { NotificationKind } from "../domain/notification.ts";
import { Autonomy, AutonomyBySeverity, Health, Service } from "../domain/service.ts";
import { Severity } from "../domain/ticket.ts";
import { Access } from "./sections/access.ts";
import { Budgets, Price } from "./sections/budgets.ts";
import { Claims } from "./sections/claims.ts";
import { EarnedAutonomy } from "./sections/earnedAutonomy.ts";
import { Grouping, Incident } from "./sections/grouping.ts";
import { IngestKey } from "./sections/keys.ts";
import { Limits } from "./sections/limits.ts";
import { ModelConfig } from "./sections/model.ts";
import { NotificationChannel } from "./sections/notificationChannels.ts";
import { Privacy } from "./sections/privacy.ts";
import { Retention } from "./sections/retention.ts";
import { SourceMaps } from "./sections/sourceMaps.ts";

/** A service as it is configured. Strict, so that a misspelt `autonomy` does not silently use the global one. */
const ServiceConfig = Service.extend({
  health: Health.strict()
    .refine((h) => h.url !== undefined || h.command !== undefined, "give url, command or both")
    .optional(),
}).strict();

/**
 * The schema of the configuration. Unknown keys are faults, so that a misspelt key does not silently use the default.
 * Beside its schema, every key has its description and whether a running process takes a change (`live`) or needs a
 * restart (`atStart`).
 */
export const Config = z.strictObject({
  enabled: z
    .boolean()
    .default(true)
    .register(
      configKeys,
      live(
        "false: Events are kept and answers stored, nothing else happens; nothing is deployed. A server that was started with false begins to work after a restart",
      ),
    ),
  dataDir: z
    .string()
    .min(1)
    .default(".selfheal")
    .register(configKeys, atStart("where everything is stored; one process at a time")),
  host: z.string().min(1).default("127.0.0.1").register(configKeys, atStart("the address to listen on")),
  port: z
    .number()
    .int()
    .min(0)
    .max(65_535)
    .default(4700)
    .register(configKeys, atStart("the port to listen on; 0: any free one")),
  publicUrl: z
    .string()
    .url()
    .optional()
    .register(configKeys, atStart("where people reach this server from outside: the links in messages begin with it")),
  allowedHosts: z
    .array(z.string().regex(/^[^\s/:@]+$|^\[[0-9a-fA-F:]+\]$/, "a name or address only: no scheme, no port"))
    .default([])
    .register(
      configKeys,
      atStart(
        "the names in `Host` that this server answers to, against DNS rebinding; names of this machine and of `publicUrl` are always among them; empty: any, for a reverse proxy may pass on any",
      ),
    ),
  studioOrigins: z
    .array(z.string().url())
    .default([])
    .register(
      configKeys,
      atStart(
        "web origins that may call the LangGraph API from a browser, such as `https://smith.langchain.com` for Studio",
      ),
    ),
  autonomy: Autonomy.default("supervised").register(
    configKeys,
    live(
      "`observe` tickets only · `assist` patches are proposed · `supervised` deploying needs approval · `full` see `autoDeploySeverity`",
    ),
  ),
  autonomyBySeverity: AutonomyBySeverity.default({}).register(
    configKeys,
    live('levels of single severities, such as `{ "critical": "full" }`; the others have `autonomy`'),
  ),
  autoDeploySeverity: z
    .array(Severity)
    .default(["critical", "high"])
    .register(configKeys, live("severities that may deploy by themselves with `full`")),
  requireTestsPass: z
    .boolean()
    .default(true)
    .register(configKeys, live("the suite must have run green on base and patch for that")),
  autoDeployConstructed: z
    .boolean()
    .default(false)
    .register(
      configKeys,
      live("true: a reproduction whose input was constructed, not captured, may deploy without a person"),
    ),
  requireCoverage: z
    .boolean()
    .default(false)
    .register(configKeys, live("every line that a patch adds must have been seen to run, for that")),
  approvePlan: z.boolean().default(false).register(configKeys, live("ask a person before the coder starts")),
  maxAutoDeploysPerHour: z
    .number()
    .int()
    .nonnegative()
    .default(5)
    .register(configKeys, live("over it a person is asked")),
  maxAutoDeploysPerDay: z
    .number()
    .int()
    .nonnegative()
    .default(20)
    .register(configKeys, live("over it a person is asked")),
  sandboxForAuto: SandboxGrade.default("bubblewrap").register(
    configKeys,
    live("the weakest sandbox whose Evidence may deploy by itself"),
  ),
  t0InWeakSandbox: z
    .boolean()
    .default(false)
    .register(
      configKeys,
      atStart(
        "run the repository's code for Events of a public key (T0) also where the sandbox is weaker than bubblewrap",
      ),
    ),
  earnedAutonomy: EarnedAutonomy.prefault({}),
  debounceMs: z
    .number()
    .int()
    .nonnegative()
    .default(60_000)
    .register(configKeys, live("a Batch closes this long after the last Event of its window…")),
  maxWaitMs: z
    .number()
    .int()
    .nonnegative()
    .default(600_000)
    .register(configKeys, live("…and at the latest this long after the first")),
  maxBatchIssues: z
    .number()
    .int()
    .positive()
    .default(50)
    .register(configKeys, live("…or at once when so many Issues are in it")),
  escalationTimeoutMs: z
    .number()
    .int()
    .positive()
    .default(300_000)
    .register(
      configKeys,
      live(
        "an open question is brought up again, once, after this; it stays open. An agent that makes no headway for this long is stuck: its run is stopped and a person asked",
      ),
    ),
  maxAttempts: z
    .number()
    .int()
    .positive()
    .max(10)
    .default(3)
    .register(configKeys, atStart("coder ⇄ tester rounds a ticket")),
  maxFiles: z
    .number()
    .int()
    .positive()
    .default(3)
    .register(configKeys, live("files in a Patch; a larger one needs a person")),
  maxLines: z
    .number()
    .int()
    .positive()
    .default(60)
    .register(configKeys, live("changed lines in a Patch; a larger one needs a person")),
  maxOpenTickets: z
    .number()
    .int()
    .positive()
    .default(100)
    .register(configKeys, live("tickets of a service that are worked on or wait for a person; further Batches wait")),
  grouping: Grouping.prefault({}),
  incident: Incident.prefault({}),
  sourceMaps: SourceMaps.prefault({}),
  privacy: Privacy.prefault({}),
  claims: Claims.prefault({}),
  access: Access.prefault({}),
  maxTokensPerTicket: z
    .number()
    .int()
    .nonnegative()
    .default(200_000)
    .register(configKeys, live("a ticket's model budget")),
  budgets: Budgets.prefault({}),
  prices: z
    .record(z.string(), Price)
    .default({})
    .register(
      configKeys,
      live('US dollars a million tokens, by model name: `{"gpt-5-mini": {"input": 0.25, "output": 2}}`'),
    ),
  killSwitchFile: z
    .string()
    .min(1)
    .optional()
    .register(
      configKeys,
      atStart("while this file exists nothing new is deployed; default: `PAUSE` in the data folder"),
    ),
  drainMs: z
    .number()
    .int()
    .nonnegative()
    .default(10_000)
    .register(configKeys, live("how long a stop waits for steps that are under way")),
  notificationChannels: z
    .array(NotificationChannel)
    .default([{ type: "log", on: [...NotificationKind.options] }])
    .register(configKeys, live("where people are told; what waits for a channel that is gone is given up")),
  retention: Retention.prefault({}),
  brain: z
    .enum(["rules", "rulesThenModel", "model"])
    .default("rules")
    .register(
      configKeys,
      atStart("`rules` no model · `rulesThenModel` the model where the rules abstain · `model` the model alone"),
    ),
  model: ModelConfig.prefault({}),
  limits: Limits.prefault({}),
  keys: z
    .array(IngestKey)
    .default([])
    .register(configKeys, live("the keys that clients send; streams that are open stay open")),
  services: z.array(ServiceConfig).default([]).register(configKeys, atStart("the apps that may be fixed")),
});
export type Config = z.infer<typeof Config>;
