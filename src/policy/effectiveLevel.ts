import type { AutonomyOverride, EarningRule, LevelReport } from "../domain/autonomy.ts";
import { Autonomy, type AutonomySetting } from "../domain/service.ts";
import type { Severity } from "../domain/ticket.ts";
import type { TrackEntry } from "../domain/trackRecord.ts";

/** What determines the autonomy level of one ticket. */
export interface LevelInput {
  configured: AutonomySetting;
  overrides: readonly AutonomyOverride[];
  severity: Severity;
  /** The track record of the service and error class, in any order. */
  entries: readonly Pick<TrackEntry, "outcome" | "at">[];
  rule: EarningRule;
}

/**
 * The autonomy level that applies (docs/autonomy.md). A person's override replaces the configured level, upwards and
 * downwards. If earned levels are enabled, they may rise above the configured level, but never above an override. A
 * revert lowers both.
 */
export function effectiveLevel({ configured, overrides, severity, entries, rule }: LevelInput): LevelReport {
  const set = configuredLevel(configured, severity);
  const override = overrideFor(overrides, severity);
  const base = override?.level ?? set;
  const spoken = override === null ? `configured ${set}` : `${override.level} by ${override.by}`;
  const report = { severity, configured: set, override };
  if (!rule.enabled) return { ...report, earned: null, effective: base, why: spoken };
  // The person who set the override knew the earlier entries.
  const since = override === null ? entries : entries.filter(({ at }) => at >= override.at);
  const { level, why } = earnedLevel(base, since, override === null ? rule : { ...rule, upTo: base });
  return { ...report, earned: level, effective: level, why: `${spoken}; ${why}` };
}

/** The configured level of a severity. A severity that is not named has the default. */
export function configuredLevel(setting: AutonomySetting, severity: Severity): Autonomy {
  return typeof setting === "string" ? setting : (setting[severity] ?? setting.default);
}

/** The override that applies: one for exactly this severity comes before one for all severities. */
export function overrideFor(overrides: readonly AutonomyOverride[], severity: Severity): AutonomyOverride | null {
  const matching = overrides.filter((o) => o.severity === null || o.severity === severity);
  return matching.find((o) => o.severity !== null) ?? matching[0] ?? null;
}

/**
 * The level that a track record has earned. It starts at the configured level. `heldInARow` entries that held raise it
 * by one level, up to `upTo`, if they are within the window and nothing else is among them. A revert removes everything
 * earned and leaves at most `supervised`, until as many entries have held again. An edit or a rejection only restarts
 * the row.
 */
export function earnedLevel(
  configured: Autonomy,
  entries: LevelInput["entries"],
  rule: EarningRule,
): { level: Autonomy; why: string } {
  let level = configured;
  let row: number[] = [];
  for (const { outcome, at } of [...entries].sort((a, b) => a.at - b.at)) {
    if (outcome !== "held") {
      row = [];
      if (outcome === "reverted") level = lower(configured, "supervised");
      continue;
    }
    row = [...row.filter((before) => before > at - rule.windowMs), at];
    if (row.length < rule.heldInARow) continue;
    row = [];
    level = raised(level, configured, rule.upTo);
  }
  const progress = `${row.length} of ${rule.heldInARow} held in a row`;
  return { level, why: reasonFor(level, configured, progress) };
}

function raised(level: Autonomy, configured: Autonomy, upTo: Autonomy): Autonomy {
  if (rank(level) < rank(configured)) return configured;
  const next = Autonomy.options[rank(level) + 1] ?? level;
  return rank(next) <= rank(upTo) ? next : level;
}

function reasonFor(level: Autonomy, configured: Autonomy, row: string): string {
  if (rank(level) > rank(configured)) return `earned ${level}; ${row}`;
  return rank(level) < rank(configured) ? `lowered by a revert; ${row} until it is back` : row;
}

/** The position of a level, from observe (0) to full (3). */
export function rank(level: Autonomy): number {
  return Autonomy.options.indexOf(level);
}

function lower(a: Autonomy, b: Autonomy): Autonomy {
  return rank(a) <= rank(b) ? a : b;
}
