import { z } from "zod";
import type { Ticket } from "./ticket.ts";

/** How one Patch of selfheal ended, as Evidence for how far to trust the next one. */
export const TrackEntry = z.object({
  service: z.string(),
  /** The Exception's type (`TypeError`). */
  errorClass: z.string(),
  outcome: z.enum(["held", "reverted", "edited", "rejected"]),
  ticketId: z.string(),
  /** The Patch that ended; for `edited` the Patch that the person replaced. */
  patchDigest: z.string(),
  /** For `edited`: digest of the person's own diff; null otherwise. */
  editedDigest: z.string().nullable(),
  by: z.string(),
  at: z.number(),
});
export type TrackEntry = z.infer<typeof TrackEntry>;

/** How a Patch ended. */
export interface PatchEnding {
  outcome: TrackEntry["outcome"];
  patchDigest: string;
  /** For `edited`: digest of the person's own diff. */
  editedDigest?: string;
  by?: string;
}

/** Records how a ticket's Patch ended, and audits a resulting change of the autonomy level. Idempotent. */
export type RecordOutcome = (ticket: Ticket, ending: PatchEnding) => Promise<void>;
