import { z } from "zod";
import { AutonomyOverride, type EarningRule, type LevelReport } from "../domain/autonomy.ts";
import type { AuditLog } from "../domain/ports/auditLog.ts";
import type { Clock } from "../domain/ports/clock.ts";
import type { IssueStore } from "../domain/ports/issueStore.ts";
import type { Settings } from "../domain/ports/settings.ts";
import type { TrackRecord } from "../domain/ports/trackRecord.ts";
import type { AutonomySetting, Service } from "../domain/service.ts";
import { Severity, type Ticket } from "../domain/ticket.ts";
import type { TrackEntry } from "../domain/trackRecord.ts";
import { effectiveLevel } from "../policy/effectiveLevel.ts";
import { bestSample } from "../tickets/bestSample.ts";

export interface LevelDeps {
  settings: Settings;
  trackRecord: TrackRecord;
  issues: IssueStore;
  audit: AuditLog;
  clock: Clock;
  services: ReadonlyMap<string, Service>;
  /** The configured level of a service. */
  settingOf: (service: Service) => AutonomySetting;
  rule: () => EarningRule;
}

const Overrides = z.array(AutonomyOverride);

/**
 * The level in effect for a ticket now, from configuration, a person's override, and the track record of its error
 * class.
 */
export async function levelOf(deps: LevelDeps, service: Service, ticket: Ticket): Promise<LevelReport> {
  const errorClass = await errorClassOf(deps.issues, ticket);
  const entries = await historyOf(deps.trackRecord, service.name, errorClass);
  return reportFor(deps, service, await overridesOf(deps.settings, service.name), entries, ticket.severity);
}

/** The type of the ticket's newest Exception. If no Event is kept: the type in the title of its first Issue. */
export async function errorClassOf(issues: IssueStore, ticket: Ticket): Promise<string> {
  const sample = await bestSample(issues, ticket);
  if (sample !== null) return sample.exception.type;
  const [first] = ticket.issueIds;
  const issue = first === undefined ? null : await issues.get(first);
  return (issue?.title ?? ticket.title).split(":", 1)[0] ?? "";
}

/** Track record entries, the oldest first; entries of the same millisecond in the order in which they were written. */
export async function historyOf(trackRecord: TrackRecord, service: string, errorClass: string): Promise<TrackEntry[]> {
  return (await trackRecord.list({ service, errorClass })).toReversed();
}

/** The level of every severity, computed from these entries (the oldest first). */
export async function levelsOf(
  deps: LevelDeps,
  service: Service,
  entries: readonly TrackEntry[],
): Promise<LevelReport[]> {
  const overrides = await overridesOf(deps.settings, service.name);
  return Severity.options.map((severity) => reportFor(deps, service, overrides, entries, severity));
}

function reportFor(
  { settingOf, rule }: LevelDeps,
  service: Service,
  overrides: readonly AutonomyOverride[],
  entries: readonly TrackEntry[],
  severity: Severity,
): LevelReport {
  return effectiveLevel({ configured: settingOf(service), overrides, entries, severity, rule: rule() });
}

export const keyOf = (service: string) => `autonomy:${service}`;

export async function overridesOf(settings: Settings, service: string): Promise<AutonomyOverride[]> {
  const stored = await settings.get(keyOf(service));
  return stored === null ? [] : Overrides.parse(JSON.parse(stored));
}
