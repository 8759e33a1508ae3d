import type { DeployOrder, DeployTarget, ProcessResult } from "../../src/domain/ports.ts";

/** A pretended production: one commit is live, and every effect is written down. An effect that was not allowed throws. */
export interface Production {
  target: DeployTarget;
  /** null: the service is down. */
  live: string | null;
  /** `deploy <commit>` and `rollback <commit>`, in order, as far as they took effect. */
  effects: string[];
}

export interface ProductionScript {
  live: string | null;
  /** Whether the service can tell what is live. */
  tells?: boolean;
  deploys?: number;
  rollbacks?: number;
  /** How the commands end; they take effect only when they end well. */
  deployEnd?: ProcessResult["end"];
  rollbackEnd?: ProcessResult["end"];
  /** What is wrong with the service while this commit is live; null when nothing is. */
  fault?: (live: string | null, order: DeployOrder | null) => string | null;
}

const OK: ProcessResult["end"] = { kind: "exit", code: 0 };

export function production(script: ProductionScript): Production {
  const allowed = { deploy: script.deploys ?? 0, rollback: script.rollbacks ?? 0 };
  let last: DeployOrder | null = null;
  const effect = (kind: "deploy" | "rollback", commit: string, order: DeployOrder, end: ProcessResult["end"]) => {
    if (allowed[kind] === 0) throw new Error(`another ${kind} (of ${commit}) was not scripted`);
    allowed[kind] -= 1;
    last = order;
    if (end === OK) {
      world.live = commit;
      world.effects.push(`${kind} ${commit}`);
    }
    return { end, stdout: "", stderr: end === OK ? "" : "first\nno such release\n", durationMs: 1 };
  };
  const world: Production = {
    live: script.live,
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
  };
  return world;
}
