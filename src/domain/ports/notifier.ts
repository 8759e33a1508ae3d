import type { Notification, NotificationKind } from "../notification.ts";

/** Tells people, once a key. Resolves when the message is safe, not when it is read; a failure to tell never fails a run. */
export interface Notifier {
  notify(message: Notification): Promise<void>;
}

/** Where a message points to. */
export interface NotificationLinks {
  /** The page about it; null without a public address. */
  page: string | null;
  /** Opens the question for this recipient, signed; null without a public address, and where nothing is asked. */
  answer: string | null;
  /** What to type instead; null where nothing is asked. */
  command: string | null;
}

export interface ChannelSettings {
  /** Unique, and the same after a restart: rows of the outbox are found by it. */
  readonly name: string;
  readonly on: readonly NotificationKind[];
  /** Who a signed link is made out to. */
  readonly recipient: string;
}

/** One way to reach people. */
export interface Channel extends ChannelSettings {
  /**
   * Resolves when the other side has taken it. Throws SelfhealError `channel`, whose message holds no secret. Sent again
   * under the same key, it is the same message where the other side can tell.
   */
  send(message: Notification, links: NotificationLinks, signal: AbortSignal): Promise<void>;
}
