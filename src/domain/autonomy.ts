import { z } from "zod";
import { Autonomy } from "./service.ts";
import { Severity } from "./ticket.ts";
import { TrackEntry } from "./trackRecord.ts";

/**
 * A level that a person set for a service while the process runs. It replaces the configured level, lower or higher, at
 * once, until the person removes it.
 */
export const AutonomyOverride = z.object({
  /** null: every severity. */
  severity: Severity.nullable(),
  level: Autonomy,
  by: z.string(),
  at: z.number(),
});
export type AutonomyOverride = z.infer<typeof AutonomyOverride>;

/** How levels are earned (`earnedAutonomy` in the configuration). */
export interface EarningRule {
  enabled: boolean;
  /** How many Patches in a row must have held. */
  heldInARow: number;
  /** These Patches must have ended within this time, in milliseconds. */
  windowMs: number;
  /** The highest level that can be earned. */
  upTo: Autonomy;
}

/** The effective level of one service, error class and severity, and how it is determined. */
export const LevelReport = z.object({
  severity: Severity,
  configured: Autonomy,
  override: AutonomyOverride.nullable(),
  /** The level from the track record; null where levels are not earned. */
  earned: Autonomy.nullable(),
  effective: Autonomy,
  /** A short explanation for people. */
  why: z.string(),
});
export type LevelReport = z.infer<typeof LevelReport>;

/**
 * The levels of a service: one report for each error class with a track record, and one for all others (`errorClass`
 * null).
 */
export const ServiceAutonomy = z.object({
  service: z.string(),
  errorClass: z.string().nullable(),
  levels: z.array(LevelReport),
  /** Newest first. */
  entries: z.array(TrackEntry),
});
export type ServiceAutonomy = z.infer<typeof ServiceAutonomy>;

/** A change by a person: one level of a service. Without a level, the override is removed. */
export interface AutonomyChange {
  service: string;
  severity: Severity | null;
  level: Autonomy | null;
  by: string;
}

/** Reads and changes levels while the process runs. */
export interface AutonomyBoard {
  report(): Promise<ServiceAutonomy[]>;
  /** Changes a level and writes an AuditEntry. Idempotent. Throws SelfhealError `serviceNotFound`. */
  change(change: AutonomyChange): Promise<void>;
}
