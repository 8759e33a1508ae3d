import type { AuditLog } from "../domain/ports/auditLog.ts";
import type { Clock } from "../domain/ports/clock.ts";
import type { DeployJournal, DeployLimits } from "../domain/ports/deployJournal.ts";
import type { Settings } from "../domain/ports/settings.ts";
import type { Policy } from "../domain/service.ts";
import { BREAKER_OPENS_AT } from "../policy/gate.ts";

const DAY_MS = 86_400_000;
const CLOSED_AT = "breaker.closedAt";
const AUDITED_FOR = "breaker.saidFor";

/** Limits over all services: how often selfheal deploys without a person, and the breaker. */
export interface CircuitBreaker {
  /**
   * Start of the time in which roll backs count, milliseconds since the epoch: a day ago, or later if a person closed
   * the breaker since.
   */
  rollbacksSince(): Promise<number>;
  /** Whether the breaker is open, and how many roll backs count. */
  state(): Promise<{ open: boolean; rollbacks: number }>;
  /** Closes the breaker before its day is over, by a person's decision. Earlier roll backs no longer count. */
  close(by: string): Promise<void>;
  /** The limits by which the journal grants a deployment without a person. */
  limits(policy: Policy): Promise<DeployLimits>;
  /**
   * Call this after a roll back. Audits, once per opening, that the breaker is open; returns whether this call did so.
   */
  noteRollBack(): Promise<boolean>;
}

/**
 * Creates the breaker. Two roll backs within a day, over all services, open it: then a person is asked before any
 * deployment. It closes a day later, or when a person closes it (docs/gates.md).
 */
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
      const saidFor = (await deps.settings.get(AUDITED_FOR)) ?? "";
      if (!open || (saidFor !== "" && Number(saidFor) >= (await rollbacksSince()))) return false;
      await deps.settings.set(AUDITED_FOR, String(deps.clock.now()));
      await deps.audit.append({
        kind: "breaker.opened",
        actor: "system",
        facts: { rollbacks, opensAt: BREAKER_OPENS_AT },
      });
      return true;
    },
  };
}
