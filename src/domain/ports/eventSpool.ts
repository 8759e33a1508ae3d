import type { CapturedEvent } from "../event.ts";

/** One signed request, which must not be taken twice. */
export interface SignedDelivery {
  keyId: string;
  id: string;
  /** Milliseconds since the epoch. */
  at: number;
}

export type AppendResult =
  /** `repeated`: of them, those that were stored before. */
  | { kind: "stored"; stored: number; repeated: number }
  /** The delivery was taken before; nothing was stored. */
  | { kind: "repeatedDelivery" };

/** An Event that could not be digested; it stays stored. */
export interface SetAsideEvent {
  project: string;
  eventId: string;
  receivedAt: number;
  /** What went wrong. */
  reason: string;
}

/** Durable spool of accepted Events. */
export interface EventSpool {
  /** Resolves after the group commit. Idempotent on project + event id. */
  append(events: readonly CapturedEvent[], delivery?: SignedDelivery): Promise<AppendResult>;
  /** Events that were not digested yet: oldest first, those that failed behind the others. What cannot be read is set aside. */
  undigested(limit: number): Promise<CapturedEvent[]>;
  /** Digesting it failed, and not for want of disk. After a few times it is set aside, out of the way of the others. */
  failed(event: CapturedEvent, why: string): Promise<{ setAside: boolean }>;
  /** What was set aside, newest first. */
  setAside(limit: number): Promise<SetAsideEvent[]>;
  /** Puts all of it back into the line; how many. */
  retrySetAside(): Promise<number>;
  /** What waits to be digested, as rows and bytes: the measure for back-pressure. */
  waiting(): Promise<{ rows: number; bytes: number }>;
}
