import { z } from "zod";
import { SandboxGrade } from "./evidence.ts";
import { Severity } from "./ticket.ts";

/** observe: tickets only. assist: a patch is proposed, a person applies it. supervised: fixes are prepared on a branch,
 * deploying needs approval. full: severities in `autoDeploySeverity` deploy by themselves. */
export const Autonomy = z.enum(["observe", "assist", "supervised", "full"]);
export type Autonomy = z.infer<typeof Autonomy>;

/** How a service's health is told after a deployment: a URL that answers 2xx, or a command that exits 0. */
export const Health = z.object({
  url: z.string().url().optional(),
  command: z.string().min(1).optional(),
  /** How long it may take until it is healthy. */
  timeoutMs: z.number().int().positive().default(60_000),
  /** Time between two checks. */
  intervalMs: z.number().int().positive().default(1000),
  /** How many checks in a row must pass. */
  passes: z.number().int().positive().default(3),
});
export type Health = z.infer<typeof Health>;

/** One deployable app whose exceptions selfheal may fix. Commands run through `sh -c`. */
export const Service = z.object({
  name: z.string().regex(/^[a-zA-Z0-9][a-zA-Z0-9._-]*$/, "letters, digits, dot, dash and underscore only"),
  project: z.string().min(1),
  /** Absolute path of the service's git repository. Its working tree is never written to. */
  repo: z.string().min(1),
  /** The branch that fixes are based on. */
  branch: z.string().min(1).default("main"),
  /** Folder inside the repository where the service's commands run. */
  root: z.string().default("."),
  setupCommand: z.string().min(1).optional(),
  buildCommand: z.string().min(1).optional(),
  testCommand: z.string().min(1).optional(),
  testTimeoutMs: z.number().int().positive().default(120_000),
  /** Fails when the captured exception happens again. Gets the Event as JSON in the file named by $SELFHEAL_EVENT. */
  reproduceCommand: z.string().min(1).optional(),
  /** Files outside the repository, or untracked in it, that the commands read; made visible read-only. */
  companionFiles: z.array(z.string()).default([]),
  deployCommand: z.string().min(1).optional(),
  deployTimeoutMs: z.number().int().positive().default(120_000),
  /** Puts $SELFHEAL_PREVIOUS_COMMIT back. Default: the deploy command with the previous commit. */
  rollbackCommand: z.string().min(1).optional(),
  /** Prints the commit that is live. Recovery asks it before doing anything again. */
  liveCommand: z.string().min(1).optional(),
  health: Health.optional(),
  /** How long a deployed patch is watched before it counts as held. */
  soakMs: z.number().int().nonnegative().default(1_800_000),
  autonomy: Autonomy.optional(),
  /** Further path patterns (globs) that no patch may touch without a person. */
  protectedPaths: z.array(z.string()).default([]),
});
export type Service = z.infer<typeof Service>;

/** What the gate decides by: the policy part of the configuration, resolved for one service. */
export const Policy = z.object({
  autonomy: Autonomy,
  autoDeploySeverity: z.array(Severity),
  requireTestsPass: z.boolean(),
  /** A person approves the plan before anything is written. */
  approvePlan: z.boolean(),
  maxAutoDeploysPerHour: z.number().int().nonnegative(),
  maxAutoDeploysPerDay: z.number().int().nonnegative(),
  maxFiles: z.number().int().positive(),
  maxLines: z.number().int().positive(),
  /** The weakest sandbox whose Evidence may deploy by itself. */
  sandboxForAuto: SandboxGrade,
  maxTokensPerTicket: z.number().int().nonnegative(),
  protectedPaths: z.array(z.string()),
});
export type Policy = z.infer<typeof Policy>;
