import { z } from "zod";
import { ApprovalRequest } from "./approval.ts";

/** What people are told about. */
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

/** Something to tell people. Said once: telling it again under the same key tells nothing. */
export const Notification = z.object({
  /** Derived from what it is about, so that a node that runs twice says it once. */
  key: z.string().min(1).max(256),
  kind: NotificationKind,
  /** null: about the system as a whole. */
  ticketId: z.string().nullable(),
  title: z.string().max(512),
  text: z.string().max(4000),
  /** The open question, where there is one. */
  request: ApprovalRequest.nullable(),
});
export type Notification = z.infer<typeof Notification>;

/** Where a message stands in one channel. `sending` after a crash: it may or may not have left. */
export const DeliveryState = z.enum(["waiting", "sending", "sent", "givenUp", "summedUp", "overtaken"]);

/** A message on its way through one channel. */
export const Delivery = z.object({
  message: Notification,
  channel: z.string(),
  state: DeliveryState,
  attempts: z.number().int().nonnegative(),
  /** null: nothing more happens. */
  dueAt: z.number().nullable(),
  createdAt: z.number(),
  /** How the last try failed. */
  error: z.string().nullable(),
});
export type Delivery = z.infer<typeof Delivery>;

/** Messages that a person is to answer: they go first. */
export const QUESTIONS: readonly NotificationKind[] = ["asked", "escalated", "reminded"];
