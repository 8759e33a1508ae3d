import { ModelError } from "../../domain/modelError.ts";
import { changeTicket } from "../../tickets/change.ts";
import type { AgentDeps } from "../deps.ts";

/**
 * Adds the tokens of a failed brain call to the ticket, so that a node's retries stay within the ticket's budget.
 * Rethrows.
 */
export async function countFailedCallTokens<T>(
  deps: Pick<AgentDeps, "tickets" | "clock">,
  ticketId: string,
  work: Promise<T>,
): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof ModelError) {
      const spent = error.usage.inputTokens + error.usage.outputTokens;
      await changeTicket(deps, ticketId, (t) => ({ tokens: t.tokens + spent }));
    }
    throw error;
  }
}
