import type { Notification, NotificationKind } from "../notification.ts";

/**
 * Notifies people, once per key. Resolves when the message is stored, not when it is read. A notification that cannot
 * be sent never fails a run.
 */
export interface Notifier {
  notify(message: Notification): Promise<void>;
}

/** Links and commands that a message shows. */
export interface NotificationLinks {
  /** The page of the ticket; null without a public address. */
  page: string | null;
  /**
   * A signed link that opens the question for this recipient; null without a public address, and for a message without
   * a question.
   */
  answer: string | null;
  /** The command that answers instead; null for a message without a question. */
  command: string | null;
}

/** Configuration of a Channel. */
export interface ChannelSettings {
  /** Unique and stable across restarts: rows of the outbox refer to it. */
  readonly name: string;
  /** The kinds of notifications that this channel sends. */
  readonly on: readonly NotificationKind[];
  /** The person that a signed link names as the one who answers. */
  readonly recipient: string;
}

/** One way to reach people, such as a chat or a webhook. */
export interface Channel extends ChannelSettings {
  /**
   * Resolves when the receiver has accepted the message. Throws SelfhealError `channel`, whose message contains no
   * secret. A retry sends the same key, so that a receiver that knows keys can drop the duplicate.
   */
  send(message: Notification, links: NotificationLinks, signal: AbortSignal): Promise<void>;
}
