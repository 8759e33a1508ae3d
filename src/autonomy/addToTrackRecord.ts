import type { AgentDeps } from "../agents/deps.ts";
import type { Ticket } from "../domain/ticket.ts";
import type { TrackEntry } from "../domain/trackRecord.ts";
import { newestSample } from "../tickets/newestSample.ts";

/** What a person made of a Patch of ours. */
export interface Ending {
  outcome: Extract<TrackEntry["outcome"], "edited" | "rejected">;
  patchDigest: string;
  /** The person's own diff, for `edited`: with the blob of each, the difference can be read for as long as they are kept. */
  editedDigest: string | null;
  by: string;
}

/** Writes it into the track record. Doing it again does nothing. */
export async function remember(
  deps: Pick<AgentDeps, "trackRecord" | "issues" | "clock">,
  ticket: Ticket,
  { outcome, patchDigest, editedDigest, by }: Ending,
): Promise<void> {
  const sample = await newestSample(deps.issues, ticket);
  const errorClass = sample?.exception.type ?? ticket.title.split(":", 1)[0] ?? "";
  const about = { service: ticket.service, errorClass, ticketId: ticket.id };
  await deps.trackRecord.add({ ...about, outcome, patchDigest, editedDigest, by, at: deps.clock.now() });
}
