import { z } from "zod";
import { Canary } from "./canary.ts";
import { atStart, configKeys, live } from "./configKey.ts";
import { SandboxGrade } from "./evidence.ts";
import { Severity } from "./ticket.ts";

/**
 * How much selfheal may do without a person. observe: it only opens tickets. assist: it proposes a Patch, and a person
 * applies it. supervised: it prepares Patches on a branch, and a deployment needs approval. full: it deploys Patches of
 * the severities in `autoDeploySeverity` automatically.
 */
export const Autonomy = z.enum(["observe", "assist", "supervised", "full"]);
export type Autonomy = z.infer<typeof Autonomy>;

/** Levels of individual severities. */
export const AutonomyBySeverity = z.partialRecord(Severity, Autonomy);

/** One level for all severities, or one per severity. Severities that are not listed have the default. */
export type AutonomySetting = Autonomy | ({ default: Autonomy } & z.infer<typeof AutonomyBySeverity>);

/** A setting as text: `supervised`, or `supervised, critical full`. */
export function describeAutonomy(setting: AutonomySetting): string {
  if (typeof setting === "string") return setting;
  const { default: other, ...named } = setting;
  return [other, ...Object.entries(named).map(([severity, level]) => `${severity} ${level}`)].join(", ");
}

/** How a service's health is checked after a deployment: a URL that answers 2xx, or a command that exits with 0. */
export const Health = z.object({
  url: z
    .string()
    .url()
    .optional()
    .register(configKeys, live("answers 2xx when the service is healthy", { secret: "url" })),
  command: z.string().min(1).optional().register(configKeys, live("exits 0 when the service is healthy")),
  timeoutMs: z
    .number()
    .int()
    .positive()
    .default(60_000)
    .register(configKeys, live("how long it may take until it is healthy")),
  intervalMs: z.number().int().positive().default(1000).register(configKeys, live("time between two checks")),
  passes: z.number().int().positive().default(3).register(configKeys, live("how many checks in a row must pass")),
});
export type Health = z.infer<typeof Health>;

/** One deployable app whose exceptions selfheal may repair. Commands run through `sh -c`. */
export const Service = z.object({
  name: z
    .string()
    .regex(/^[a-zA-Z0-9][a-zA-Z0-9._-]*$/, "letters, digits, dot, dash and underscore only")
    .register(configKeys, atStart("its name in Events and tickets")),
  project: z.string().min(1).register(configKeys, atStart("the project whose keys send its Events")),
  repo: z
    .string()
    .min(1)
    .register(configKeys, atStart("a git repository on this machine; its working tree is never written to")),
  branch: z.string().min(1).default("main").register(configKeys, atStart("what fixes are based on")),
  root: z
    .string()
    .default(".")
    .register(configKeys, atStart("the folder inside the repository where the commands run")),
  setupCommand: z
    .string()
    .min(1)
    .optional()
    .register(configKeys, atStart("runs first, in the sandbox; it alone has the network")),
  buildCommand: z.string().min(1).optional().register(configKeys, live("runs in the sandbox")),
  testCommand: z.string().min(1).optional().register(configKeys, live("runs the whole suite, in the sandbox")),
  typeCheckCommand: z
    .string()
    .min(1)
    .optional()
    .register(configKeys, atStart("checks types, in the sandbox, on base and patch: a patch may bring no new fault")),
  lintCommand: z
    .string()
    .min(1)
    .optional()
    .register(configKeys, atStart("lints, in the sandbox, on base and patch: a patch may bring no new fault")),
  testTimeoutMs: z
    .number()
    .int()
    .positive()
    .default(120_000)
    .register(configKeys, atStart("for each of these commands")),
  reproduceCommand: z
    .string()
    .min(1)
    .optional()
    .register(
      configKeys,
      live("fails when the captured exception happens again; gets the Event as JSON in the file `$SELFHEAL_EVENT`"),
    ),
  companionFiles: z
    .array(z.string())
    .default([])
    .register(
      configKeys,
      atStart("files outside the repository, or untracked in it, that the commands read; visible read-only"),
    ),
  sourceMapsDir: z
    .string()
    .min(1)
    .optional()
    .register(
      configKeys,
      live(
        "a folder on this machine with `<built file>.map`, where they are not uploaded; `{release}` in it stands for the Event's release (docs/source-maps.md)",
      ),
    ),
  deployCommand: z
    .string()
    .min(1)
    .optional()
    .register(
      configKeys,
      live(
        "runs on the host, in a checkout of the fix; gets `SELFHEAL_COMMIT`, `SELFHEAL_BRANCH`, `SELFHEAL_RELEASE_DIR`, `SELFHEAL_PREVIOUS_COMMIT`, `SELFHEAL_TICKET`. Without one a fix ends as a branch",
      ),
    ),
  deployTimeoutMs: z
    .number()
    .int()
    .positive()
    .default(120_000)
    .register(configKeys, atStart("for it and the next two")),
  rollbackCommand: z
    .string()
    .min(1)
    .optional()
    .register(
      configKeys,
      live("puts `$SELFHEAL_PREVIOUS_COMMIT` back; default: the deploy command with the previous commit"),
    ),
  liveCommand: z
    .string()
    .min(1)
    .optional()
    .register(configKeys, live("prints the commit that is live; asked after a crash, before anything is done again")),
  health: Health.optional(),
  canary: Canary.optional(),
  soakMs: z
    .number()
    .int()
    .nonnegative()
    .default(1_800_000)
    .register(configKeys, live("how long a deployed Patch is watched before it counts as held")),
  autonomy: Autonomy.optional().register(configKeys, live("for this service; default: the global one")),
  autonomyBySeverity: AutonomyBySeverity.default({}).register(
    configKeys,
    live("levels of single severities; without an `autonomy` of the service's own, over the global ones"),
  ),
  pullRequestsFrom: z
    .string()
    .min(1)
    .optional()
    .register(
      configKeys,
      live(
        "a git URL that keeps the heads of pull requests (GitHub, Gitea, GitLab): one that touches the same lines means that somebody is at work; default: the repository itself",
      ),
    ),
  protectedPaths: z
    .array(z.string())
    .default([])
    .register(configKeys, live("further globs that no patch may touch without a person")),
  twoPersonRule: z
    .boolean()
    .default(false)
    .register(
      configKeys,
      atStart(
        "true: whoever started, guided or edited a fix approves it only together with a second person; a patch that touches protected paths always needs two (docs/security.md)",
      ),
    ),
});
export type Service = z.infer<typeof Service>;

/** The rules that the gate applies: the policy part of the configuration, resolved for one ticket of a service. */
export const Policy = z.object({
  autonomy: Autonomy,
  autoDeploySeverity: z.array(Severity),
  requireTestsPass: z.boolean(),
  /** Whether a reproduction with constructed, not captured, input is enough to deploy without a person. */
  autoDeployConstructed: z.boolean(),
  /** Whether every executable line that the Patch adds must have been observed to run. */
  requireCoverage: z.boolean(),
  /** Whether a person approves the Plan before any Patch is written. */
  approvePlan: z.boolean(),
  maxAutoDeploysPerHour: z.number().int().nonnegative(),
  maxAutoDeploysPerDay: z.number().int().nonnegative(),
  maxFiles: z.number().int().positive(),
  maxLines: z.number().int().positive(),
  /** The weakest sandbox whose Evidence allows a deployment without a person. */
  sandboxForAuto: SandboxGrade,
  maxTokensPerTicket: z.number().int().nonnegative(),
  protectedPaths: z.array(z.string()),
});
export type Policy = z.infer<typeof Policy>;
