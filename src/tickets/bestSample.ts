import type { CapturedEvent } from "../domain/event.ts";
import type { IssueStore } from "../domain/ports/issueStore.ts";
import type { Ticket } from "../domain/ticket.ts";

/** How many samples of an Issue are looked at. */
export const MAX_SAMPLES = 64;

/**
 * The Event that a ticket is worked on with: the newest of the highest trust tier among its Issues' samples; null: none
 * is kept. Plan, prompt and proof have the tier of this Event, so an Event of a public key is used only where there is
 * no better one.
 */
export async function bestSample(issues: IssueStore, ticket: Ticket): Promise<CapturedEvent | null> {
  let best: CapturedEvent | null = null;
  for (const id of ticket.issueIds) best = better(best, mostTrusted(await issues.samples(id, MAX_SAMPLES)));
  return best;
}

/** The first of the samples (newest first) that has the highest tier. */
export function mostTrusted(samples: readonly CapturedEvent[]): CapturedEvent | null {
  return samples.reduce<CapturedEvent | null>(better, null);
}

function better(best: CapturedEvent | null, other: CapturedEvent | null): CapturedEvent | null {
  if (best === null || other === null) return best ?? other;
  return other.trustTier > best.trustTier ? other : best;
}
