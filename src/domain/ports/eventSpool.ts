import type { CapturedEvent } from "../event.ts";

/** Identifies one signed request, which must not be accepted twice. */
export interface SignedDelivery {
  keyId: string;
  id: string;
  /** Milliseconds since the epoch. */
  at: number;
}

/** The outcome of `append`. */
export type AppendResult =
  /** `stored`: Events that are new. `repeated`: Events of the request that had been stored before. */
  | { kind: "stored"; stored: number; repeated: number }
  /** The delivery was accepted before; nothing was stored. */
  | { kind: "repeatedDelivery" };

/** An Event that could not be digested. It stays stored. */
export interface SetAsideEvent {
  project: string;
  eventId: string;
  receivedAt: number;
  /** What went wrong. */
  reason: string;
}

/**
 * Durable spool of accepted Events, from which the digest reads.
 * @example
 * await spool.append(events); // only now may the server answer 2xx
 * for (const event of await spool.undigested(100)) await issues.digest(event, fingerprint(event));
 */
export interface EventSpool {
  /** Resolves after the group commit. Idempotent by project and Event id. Throws InvalidInputError `invalidEvent`. */
  append(events: readonly CapturedEvent[], delivery?: SignedDelivery): Promise<AppendResult>;
  /**
   * Up to `limit` Events that were not digested yet, fewer if they are large, oldest first; Events that failed come after all others. Sets rows
   * aside that cannot be read.
   */
  undigested(limit: number): Promise<CapturedEvent[]>;
  /**
   * Records that digesting the Event failed for another reason than a full disk. After a few tries the Event is set
   * aside, so that it does not block others.
   */
  failed(event: CapturedEvent, why: string): Promise<{ setAside: boolean }>;
  /** Events that were set aside, newest first. */
  setAside(limit: number): Promise<SetAsideEvent[]>;
  /** Puts all Events that were set aside back into the queue, with their tries reset. Returns their number. */
  retrySetAside(): Promise<number>;
  /** Rows and bytes that wait to be digested: the measure for backpressure. */
  waiting(): Promise<{ rows: number; bytes: number }>;
}
