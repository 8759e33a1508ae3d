import type { Clock } from "../domain/ports/clock.ts";
import type { IssueStore } from "../domain/ports/issueStore.ts";
import type { TrackRecord } from "../domain/ports/trackRecord.ts";
import type { Ticket } from "../domain/ticket.ts";
import type { TrackEntry } from "../domain/trackRecord.ts";
import { newestSample } from "../tickets/newestSample.ts";

/** How a Patch ended by a person's decision. */
export interface PersonEnding {
  outcome: Extract<TrackEntry["outcome"], "edited" | "rejected">;
  patchDigest: string;
  /**
   * The person's own diff, for `edited`; otherwise null. While the blobs of both diffs are kept, the difference can be
   * read.
   */
  editedDigest: string | null;
  by: string;
}

/** Adds a person's decision to the track record of the ticket's service and error class. Safe to repeat. */
export async function addToTrackRecord(
  deps: { trackRecord: TrackRecord; issues: IssueStore; clock: Clock },
  ticket: Ticket,
  { outcome, patchDigest, editedDigest, by }: PersonEnding,
): Promise<void> {
  const sample = await newestSample(deps.issues, ticket);
  const errorClass = sample?.exception.type ?? ticket.title.split(":", 1)[0] ?? "";
  const about = { service: ticket.service, errorClass, ticketId: ticket.id };
  await deps.trackRecord.add({ ...about, outcome, patchDigest, editedDigest, by, at: deps.clock.now() });
}
