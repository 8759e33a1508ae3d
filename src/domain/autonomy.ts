import { z } from "zod";
import { Autonomy } from "./service.ts";
import { Severity } from "./ticket.ts";
import { TrackEntry } from "./trackRecord.ts";

/** A person's word about a service, over what is configured: lower or higher, at once, until it is taken back. */
export const AutonomyOverride = z.object({
  /** null: every severity. */
  severity: Severity.nullable(),
  level: Autonomy,
  by: z.string(),
  at: z.number(),
});
export type AutonomyOverride = z.infer<typeof AutonomyOverride>;

/** How levels are earned (`earnedAutonomy` of the configuration). */
export interface EarningRule {
  enabled: boolean;
  heldInARow: number;
  /** Those that held in a row must lie within this time, milliseconds. */
  windowMs: number;
  upTo: Autonomy;
}

/** The level that counts for one service, error class and severity, and how it comes about. */
export const LevelReport = z.object({
  severity: Severity,
  configured: Autonomy,
  override: AutonomyOverride.nullable(),
  /** What the track record makes of it; null where levels are not earned. */
  earned: Autonomy.nullable(),
  effective: Autonomy,
  /** In a few words, for people. */
  why: z.string(),
});
export type LevelReport = z.infer<typeof LevelReport>;

/** The levels of a service; once for each error class that has a track record, and once for all others (`null`). */
export const ServiceAutonomy = z.object({
  service: z.string(),
  errorClass: z.string().nullable(),
  levels: z.array(LevelReport),
  /** The newest first. */
  entries: z.array(TrackEntry),
});
export type ServiceAutonomy = z.infer<typeof ServiceAutonomy>;

/** What a person changes: one level of a service, or, without a level, the override is taken back. */
export interface AutonomyChange {
  service: string;
  severity: Severity | null;
  level: Autonomy | null;
  by: string;
}

/** Levels while the process runs. */
export interface AutonomyBoard {
  report(): Promise<ServiceAutonomy[]>;
  /** Audited; doing it again changes nothing. Throws SelfhealError `serviceNotFound`. */
  change(change: AutonomyChange): Promise<void>;
}
