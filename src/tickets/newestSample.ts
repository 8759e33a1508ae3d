import type { CapturedEvent } from "../domain/event.ts";
import type { IssueStore } from "../domain/ports/issueStore.ts";
import type { Ticket } from "../domain/ticket.ts";

/** The newest kept Event of the first of the ticket's Issues that has one; null: none is kept. */
export async function newestSample(issues: IssueStore, ticket: Ticket): Promise<CapturedEvent | null> {
  for (const id of ticket.issueIds) {
    const [sample] = await issues.samples(id, 1);
    if (sample !== undefined) return sample;
  }
  return null;
}
