import type { Delivery, Notification } from "../notification.ts";

/**
 * Transactional outbox of notifications: one row per message and channel.
 * @example
 * for (const { message } of await outbox.due("slack", 10)) {
 *   await outbox.intend(message.key, "slack", now + retryMs);
 *   await channel.send(message, links, signal);
 *   await outbox.settle(message.key, "slack", "sent");
 * }
 */
export interface Outbox {
  /** Durable when it resolves. Idempotent by key and channel: an existing row stays unchanged. */
  add(message: Notification, channels: readonly string[]): Promise<void>;
  /** Names of the channels that have messages due. */
  channelsDue(): Promise<string[]>;
  /** Messages that are due in a channel: those with the fewest attempts first, then questions, then the oldest. */
  due(channel: string, limit: number): Promise<Delivery[]>;
  /**
   * Before sending: counts one attempt and makes the message due again at `againAt`, in case the process dies before
   * `settle`.
   */
  intend(key: string, channel: string, againAt: number): Promise<void>;
  /**
   * After sending: records the outcome. `waiting`: the attempt failed, and the message stays due at the `againAt` of
   * `intend`.
   */
  settle(
    key: string,
    channel: string,
    state: "sent" | "waiting" | "givenUp" | "overtaken",
    error?: string,
  ): Promise<void>;
  /**
   * Makes messages due now that an earlier process was sending when it died. Call it only before this process sends
   * anything, and only if it holds the lock of the data folder.
   */
  requeueInterrupted(): Promise<void>;
  /** Backs off: messages of the channel that are due now become due at `until`. */
  hold(channel: string, until: number): Promise<void>;
  /**
   * One transaction: replaces all messages that are due by one new message that says how many there were. The new
   * message is due. Earlier summaries are not included. Returns null if nothing was due.
   */
  summarize(
    channel: string,
    summary: (count: number, questions: number) => Omit<Notification, "key">,
  ): Promise<Delivery | null>;
  /** Number of messages that a channel sent since then, and the time of the first of them. */
  sentSince(channel: string, sinceMs: number): Promise<{ count: number; firstAt: number | null }>;
  /** Over all channels: messages that are still to be sent, and messages that were given up. */
  counts(): Promise<{ waiting: number; givenUp: number }>;
}
