import type { Delivery, Notification } from "../notification.ts";

/** Messages on their way: one row a message and channel. */
export interface Outbox {
  /** Durable when it resolves. Idempotent by key and channel: what is there already stays as it is. */
  add(message: Notification, channels: readonly string[]): Promise<void>;
  /** Channels that have something due. */
  channelsDue(): Promise<string[]>;
  /** What a channel is to send: the least tried first, then questions, then the oldest. */
  due(channel: string, limit: number): Promise<Delivery[]>;
  /** INTENT: counted as tried, and due again at `againAt` should nobody live to settle it. */
  intend(key: string, channel: string, againAt: number): Promise<void>;
  /** CONFIRM. `waiting`: it failed, and is tried again when `intend` said. */
  settle(
    key: string,
    channel: string,
    state: "sent" | "waiting" | "givenUp" | "overtaken",
    error?: string,
  ): Promise<void>;
  /** What an earlier process was cut off sending is due now. Only for who holds the data folder, before it sends anything. */
  takeUp(): Promise<void>;
  /** Nothing that is due now goes before `until`. */
  hold(channel: string, until: number): Promise<void>;
  /** One transaction: what is due is not sent by itself but counted in one new message, which is due. null: nothing was. */
  sumUp(
    channel: string,
    summary: (count: number, questions: number) => Omit<Notification, "key">,
  ): Promise<Delivery | null>;
  /** What went through a channel since then, and when the first of it did. */
  sentSince(channel: string, sinceMs: number): Promise<{ count: number; firstAt: number | null }>;
  counts(): Promise<{ waiting: number; givenUp: number }>;
}
