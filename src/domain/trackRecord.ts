import { z } from "zod";

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
