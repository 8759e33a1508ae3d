import { z } from "zod";
import { SelfhealError } from "./errors.ts";

/** A claim on a name that expires. Its fencing token is higher than that of every earlier lease on the name. */
export const Lease = z.object({
  name: z.string(),
  /** The process (or person) that has the lease. */
  holder: z.string(),
  token: z.number().int().positive(),
  /** When the lease ends, in milliseconds since the epoch. It is not valid from this time on. */
  expiresAt: z.number(),
});
export type Lease = z.infer<typeof Lease>;

/** Whether the error means that another holder has the lease (SelfhealError `busy`). */
export function isBusy(thrown: unknown): boolean {
  return SelfhealError.isInstance(thrown) && thrown.code === "busy";
}

/** A node's lease on the ticket it works on. */
export interface TicketClaim {
  /** Fencing token: higher than that of every node that worked on the ticket before. */
  readonly token: number;
  /**
   * Checks that the lease is still held, and extends it by the timeout of a node. Throws SelfhealError `fenced` when
   * the lease is lost.
   */
  renew(): Promise<void>;
}

/** The name of the lease for the work on a ticket. */
export function ticketLease(ticketId: string): string {
  return `ticket:${ticketId}`;
}
