import type { Facts } from "../audit.ts";

/** What is written to the log. Facts are scrubbed by the caller; no event text. */
export interface Log {
  info(message: string, facts?: Facts): void;
  warn(message: string, facts?: Facts): void;
  error(message: string, facts?: Facts): void;
}
