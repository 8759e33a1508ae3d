import { z } from "zod";
import { ApprovalRequest } from "./approval.ts";

/** The occasions on which people are notified. */
export const NotificationKind = z.enum([
  "asked",
  "escalated",
  "reminded",
  "deployed",
  "rolledBack",
  "healed",
  "system",
]);
export type NotificationKind = z.infer<typeof NotificationKind>;

/** A message to people. It is sent once per key: a second notification with the same key sends nothing. */
export const Notification = z.object({
  /** Derived from the subject of the message, so that a node that runs twice sends it once. */
  key: z.string().min(1).max(256),
  kind: NotificationKind,
  /** null: the message is about the whole system. */
  ticketId: z.string().nullable(),
  title: z.string().max(512),
  text: z.string().max(4000),
  /** The open question; null if there is none. */
  request: ApprovalRequest.nullable(),
});
export type Notification = z.infer<typeof Notification>;

/** The state of a message in one channel. `sending` after a crash: the message may or may not have been sent. */
export const DeliveryState = z.enum(["waiting", "sending", "sent", "givenUp", "summedUp", "overtaken"]);

/** One message in one channel. */
export const Delivery = z.object({
  message: Notification,
  channel: z.string(),
  state: DeliveryState,
  attempts: z.number().int().nonnegative(),
  /** When the message is sent or tried next; null: never again. */
  dueAt: z.number().nullable(),
  createdAt: z.number(),
  /** Why the last attempt failed; null if none failed. */
  error: z.string().nullable(),
});
export type Delivery = z.infer<typeof Delivery>;

/** The kinds that a person should answer. They are sent first. */
export const QUESTIONS: readonly NotificationKind[] = ["asked", "escalated", "reminded"];
