/**
 * How well ingest keeps up with the load.
 * - `none`: ingest accepts everything.
 * - `soft`: ingest accepts everything and asks clients to send less.
 * - `hard`: ingest accepts nothing.
 * - `floor`: the disk is nearly full. Events of known families are only counted, Events of new families are still
 *   stored.
 */
export type Pressure = "none" | "soft" | "hard" | "floor";

/** The backlog and the free disk. Sizes are in bytes. */
export interface Load {
  /** Events that wait to be digested. */
  rows: number;
  /** Size of these Events. */
  bytes: number;
  freeDisk: number;
}

/** The limits of the backlog and of the free disk. `maxSpool` is a number of Events. */
export interface PressureLimits {
  maxSpool: number;
  maxSpoolBytes: number;
  minFreeDiskBytes: number;
}

/** Share of the maximum backlog from which clients are asked to send less. */
const SOFT_SHARE = 0.5;
/** Share of `minFreeDiskBytes` below which even Events of new families are refused. */
const RESERVE_SHARE = 0.25;
/** Multiple of `minFreeDiskBytes` below which clients are asked to send less. */
const SCARCE_SHARE = 2;

/**
 * The pressure of a load: the worst of backlog rows, backlog bytes and free disk. A full backlog takes precedence over
 * `floor`, because at `floor` Events are still accepted.
 */
export function pressureOf(load: Load, limits: PressureLimits): Pressure {
  const fill = Math.max(load.rows / limits.maxSpool, load.bytes / limits.maxSpoolBytes);
  if (fill >= 1 || load.freeDisk < limits.minFreeDiskBytes * RESERVE_SHARE) return "hard";
  if (load.freeDisk < limits.minFreeDiskBytes) return "floor";
  return fill >= SOFT_SHARE || load.freeDisk < limits.minFreeDiskBytes * SCARCE_SHARE ? "soft" : "none";
}
