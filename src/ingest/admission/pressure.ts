/**
 * How hard it is to keep up. none: take everything. soft: take it, and ask clients to send less. hard: take nothing.
 * floor: the disk is nearly full: Events of known families become counters only, new ones are still kept.
 */
export type Pressure = "none" | "soft" | "hard" | "floor";

/** What waits and what is left; bytes. */
export interface Load {
  /** Events that wait to be digested… */
  rows: number;
  /** …and how large they are. */
  bytes: number;
  freeDisk: number;
}

export interface PressureLimits {
  maxSpool: number;
  maxSpoolBytes: number;
  minFreeDiskBytes: number;
}

/** Of the most that may wait: from here on clients are asked to send less. */
const SOFT_SHARE = 0.5;
/** Of `minFreeDiskBytes`: below this even what is new has no room. */
const RESERVE_SHARE = 0.25;
/** Of `minFreeDiskBytes`: below this clients are asked to send less. */
const SCARCE_SHARE = 2;

/** The rung of the ladder: the worst of backlog rows, backlog bytes and free disk. A backlog that is full comes before the floor, which still takes in. */
export function pressureOf(load: Load, limits: PressureLimits): Pressure {
  const fill = Math.max(load.rows / limits.maxSpool, load.bytes / limits.maxSpoolBytes);
  if (fill >= 1 || load.freeDisk < limits.minFreeDiskBytes * RESERVE_SHARE) return "hard";
  if (load.freeDisk < limits.minFreeDiskBytes) return "floor";
  return fill >= SOFT_SHARE || load.freeDisk < limits.minFreeDiskBytes * SCARCE_SHARE ? "soft" : "none";
}
