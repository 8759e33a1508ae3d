import { z } from "zod";
import type { Ticket } from "./ticket.ts";

/** How one Patch of ours ended, as far as it says something about trusting the next one. */
export const TrackEntry = z.object({
  service: z.string(),
  /** The Exception type (`TypeError`). */
  errorClass: z.string(),
  outcome: z.enum(["held", "reverted", "edited", "rejected"]),
  ticketId: z.string(),
  /** The Patch it is about; for `edited` the one that was replaced. */
  patchDigest: z.string(),
  /** For `edited`: the person's own diff. */
  editedDigest: z.string().nullable(),
  by: z.string(),
  at: z.number(),
});
export type TrackEntry = z.infer<typeof TrackEntry>;

/** How a Patch ended. */
export interface PatchEnding {
  outcome: TrackEntry["outcome"];
  patchDigest: string;
  /** The person's own diff, for `edited`. */
  editedDigest?: string;
  by?: string;
}

/** Records how a Patch of a ticket ended, and audits a change of level that follows from it. Doing it again does nothing. */
export type RecordOutcome = (ticket: Ticket, ending: PatchEnding) => Promise<void>;
