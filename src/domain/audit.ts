import { z } from "zod";

/** Small typed facts of an audit entry; never event text. */
export const Facts = z.record(
  z.string(),
  z.union([z.string(), z.number(), z.boolean(), z.null(), z.array(z.string())]),
);
export type Facts = z.infer<typeof Facts>;

/** One past-tense fact (`ticket.opened`, `deploy.rolled_back`), with its actor, in a hash-chained log. */
export const AuditEntry = z.object({
  sequence: z.number().int().positive(),
  at: z.number(),
  kind: z.string().regex(/^[a-z]+\.[a-z_]+$/),
  /** `system`, `rules`, `model:<name>`, `person:<who>`. */
  actor: z.string(),
  ticketId: z.string().nullable(),
  facts: Facts,
  previousHash: z.string(),
  hash: z.string(),
});
export type AuditEntry = z.infer<typeof AuditEntry>;
