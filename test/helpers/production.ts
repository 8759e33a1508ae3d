import type { CanaryReading } from "../../src/domain/canary.ts";
import type { CanaryTarget, DeployOrder, DeployTarget } from "../../src/domain/ports/deployTarget.ts";
import type { ProcessResult } from "../../src/domain/ports/processRunner.ts";

/** A pretended production: one commit is live, and every effect is written down. An effect that was not allowed throws. */
export interface Production {
  target: DeployTarget;
  canaries: CanaryTarget;
  /** null: the service is down. */
  live: string | null;
  /** What has a part of the traffic. */
  canary: string | null;
  /** `deploy <commit>`, `rollback <commit>`, `canary …`, `promote …` and `abort …`, in order, as far as they took effect. */
  effects: string[];
}

export interface ProductionScript {
  live: string | null;
  /** Whether the service can tell what is live. */
  tells?: boolean;
  deploys?: number;
  rollbacks?: number;
  canaries?: number;
  promotes?: number;
  aborts?: number;
  /** Whether the service can tell what its canary runs. */
  canaryTells?: boolean;
  canaryEnd?: ProcessResult["end"];
  abortEnd?: ProcessResult["end"];
  /** What the counters show; null: they cannot be read. */
  counters?: () => CanaryReading | null;
  /** How the commands end; they take effect only when they end well. */
  deployEnd?: ProcessResult["end"];
  rollbackEnd?: ProcessResult["end"];
  /** What is wrong with the service while this commit is live; null when nothing is. */
  fault?: (live: string | null, order: DeployOrder | null) => string | null;
}

const OK: ProcessResult["end"] = { kind: "exit", code: 0 };

export function production(script: ProductionScript): Production {
  const allowed = {
    deploy: script.deploys ?? 0,
    rollback: script.rollbacks ?? 0,
    canary: script.canaries ?? 0,
    promote: script.promotes ?? 0,
    abort: script.aborts ?? 0,
  };
  let last: DeployOrder | null = null;
  const effect = (kind: keyof typeof allowed, commit: string, order: DeployOrder, end: ProcessResult["end"]) => {
    if (allowed[kind] === 0) throw new Error(`another ${kind} (of ${commit}) was not scripted`);
    allowed[kind] -= 1;
    last = order;
    if (end === OK) {
      if (kind === "canary") world.canary = commit;
      else if (kind === "abort") world.canary = null;
      else world.live = commit;
      if (kind === "promote") world.canary = null;
      world.effects.push(`${kind} ${commit}`);
    }
    return { end, stdout: "", stderr: end === OK ? "" : "first\nno such release\n", durationMs: 1 };
  };
  const world: Production = {
    live: script.live,
    canary: null,
    effects: [],
    target: {
      deploy: async (_service, order) => effect("deploy", order.commit, order, script.deployEnd ?? OK),
      rollback: async (_service, order) => effect("rollback", order.previousCommit, order, script.rollbackEnd ?? OK),
      health: async (_service, signal) => {
        signal.throwIfAborted();
        const fault = script.fault?.(world.live, last) ?? null;
        return fault === null ? { kind: "healthy" } : { kind: "unhealthy", reason: fault };
      },
      liveCommit: async () => (script.tells === false ? null : world.live),
    },
    canaries: {
      begin: async (_service, order) => effect("canary", order.commit, order, script.canaryEnd ?? OK),
      promote: async (_service, order) => effect("promote", order.commit, order, script.deployEnd ?? OK),
      abort: async (_service, order) => effect("abort", order.commit, order, script.abortEnd ?? OK),
      running: async () => (script.canaryTells === false ? null : (world.canary ?? "none")),
      read: async () => {
        const reading = script.counters?.() ?? null;
        return reading === null ? { kind: "unreadable", reason: "nobody answered" } : { kind: "read", reading };
      },
    },
  };
  return world;
}
