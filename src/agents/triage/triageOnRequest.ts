import type { Batch } from "../../domain/issue.ts";
import { RunState } from "../../domain/runState.ts";
import type { AgentDeps } from "../deps.ts";
import { createTriage } from "./node.ts";
import { createRulesTriage } from "./rules.ts";

/**
 * Triage of a Batch that a person asked for: by rules, and even if its Issues are suppressed. Returns the id of its most
 * severe ticket, or "" if none was opened.
 */
export function createTriageOnRequest(
  deps: Pick<AgentDeps, "tickets" | "issues" | "suppressions" | "audit" | "clock" | "log">,
): (batch: Batch) => Promise<string> {
  return async (batch) => {
    const triage = createTriage({
      ...deps,
      batches: { get: async () => batch, unstarted: async () => [], markStarted: async () => undefined },
      suppressions: { ...deps.suppressions, active: async () => null },
      brain: createRulesTriage(),
    });
    const { ticketId = "" } = await triage(RunState.parse({ batchId: batch.id }), new AbortController().signal);
    return ticketId;
  };
}
