import type { Facts } from "../audit.ts";

/** The log of the process. Callers scrub the facts and pass no Event text. */
export interface Log {
  info(message: string, facts?: Facts): void;
  warn(message: string, facts?: Facts): void;
  error(message: string, facts?: Facts): void;
}
