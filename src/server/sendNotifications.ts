import type { System } from "../composition/compose.ts";
import { type Interval, startInterval } from "./interval.ts";

/** Milliseconds between two passes of notifications. */
const SEND_MS = 500;

/** Sends notifications repeatedly until stopped. */
export function startNotifications({ sendNotifications, log }: Pick<System, "sendNotifications" | "log">): Interval {
  return startInterval("messages", sendNotifications, { everyMs: SEND_MS, log });
}
