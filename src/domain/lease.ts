import { z } from "zod";
import { SelfhealError } from "./errors.ts";

/** A claim on a name that ends by itself. Its token is newer than any that was given for the name before it. */
export const Lease = z.object({
  name: z.string(),
  /** The process (or person) that has it. */
  holder: z.string(),
  token: z.number().int().positive(),
  /** Milliseconds since the epoch; from this time on it has ended. */
  expiresAt: z.number(),
});
export type Lease = z.infer<typeof Lease>;

/** Whether what was thrown says that another holds it (SelfhealError `busy`). */
export function isBusy(thrown: unknown): boolean {
  return SelfhealError.isInstance(thrown) && thrown.code === "busy";
}

/** What a node holds while it works on a ticket. */
export interface TicketClaim {
  /** Newer than that of whoever worked on the ticket before. */
  readonly token: number;
  /** Makes sure that it is still held, and keeps it for a node's time from now. Throws SelfhealError `fenced` when it is lost. */
  renew(): Promise<void>;
}

/** The lease of the work on a ticket. */
export function ticketLease(ticketId: string): string {
  return `ticket:${ticketId}`;
}
