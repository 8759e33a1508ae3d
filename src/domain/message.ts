import { z } from "zod";
import { ApprovalRequest } from "./approval.ts";

/** What people are told about. */
export const MessageKind = z.enum(["asked", "escalated", "reminded", "deployed", "rolledBack", "healed", "system"]);
export type MessageKind = z.infer<typeof MessageKind>;

/** Something to tell people. Said once: telling it again under the same key tells nothing. */
export const Message = z.object({
  /** Derived from what it is about, so that a node that runs twice says it once. */
  key: z.string().min(1).max(256),
  kind: MessageKind,
  /** null: about the system as a whole. */
  ticketId: z.string().nullable(),
  title: z.string().max(512),
  text: z.string().max(4000),
  /** The open question, where there is one. */
  request: ApprovalRequest.nullable(),
});
export type Message = z.infer<typeof Message>;
