import type { AuditLog } from "../domain/ports/auditLog.ts";
import type { Clock } from "../domain/ports/clock.ts";
import type { DeployJournal, DeployLimits } from "../domain/ports/deployJournal.ts";
import type { Settings } from "../domain/ports/settings.ts";
import type { Policy } from "../domain/service.ts";
import { BREAKER_OPENS_AT } from "../policy/gate.ts";

const DAY_MS = 86_400_000;
const CLOSED_AT = "breaker.closedAt";
const SAID_FOR = "breaker.saidFor";

/** What holds for all services at once: how often without a person, and the breaker. */
export interface CircuitBreaker {
  /** Since when roll backs count, milliseconds since the epoch: a day ago, or when a person closed the breaker. */
  rollbacksSince(): Promise<number>;
  /** Whether the breaker is open, and the roll backs that count. */
  state(): Promise<{ open: boolean; rollbacks: number }>;
  /** Closes the breaker before its day is over: a person's word. What was rolled back before then counts no more. */
  close(by: string): Promise<void>;
  /** The limits that the journal counts by when it grants a deployment without a person. */
  limits(policy: Policy): Promise<DeployLimits>;
  /** To be called after a roll back: says, once, that the breaker is open now. Returns whether it said so. */
  noteRollBack(): Promise<boolean>;
}

/** Two roll backs within a day open the breaker for all services (DESIGN §6); a day later, or by a person, it closes. */
export function createCircuitBreaker(deps: {
  settings: Settings;
  journal: DeployJournal;
  audit: AuditLog;
  clock: Clock;
}): CircuitBreaker {
  const rollbacksSince = async () => {
    const closedAt = Number((await deps.settings.get(CLOSED_AT)) ?? 0);
    return Math.max(deps.clock.now() - DAY_MS, closedAt);
  };
  const state = async () => {
    const rollbacks = await deps.journal.rollbacksSince(await rollbacksSince());
    return { open: rollbacks >= BREAKER_OPENS_AT, rollbacks };
  };
  return {
    rollbacksSince,
    state,
    close: async (by) => {
      await deps.settings.set(CLOSED_AT, String(deps.clock.now() + 1));
      await deps.audit.append({ kind: "breaker.closed", actor: `person:${by}` });
    },
    limits: async (policy) => ({
      maxPerHour: policy.maxAutoDeploysPerHour,
      maxPerDay: policy.maxAutoDeploysPerDay,
      maxRollbacks: BREAKER_OPENS_AT,
      rollbacksSinceMs: await rollbacksSince(),
    }),
    noteRollBack: async () => {
      const { open, rollbacks } = await state();
      const saidFor = (await deps.settings.get(SAID_FOR)) ?? "";
      if (!open || (saidFor !== "" && Number(saidFor) >= (await rollbacksSince()))) return false;
      await deps.settings.set(SAID_FOR, String(deps.clock.now()));
      await deps.audit.append({
        kind: "breaker.opened",
        actor: "system",
        facts: { rollbacks, opensAt: BREAKER_OPENS_AT },
      });
      return true;
    },
  };
}
