import { z } from "zod";
import {
  type AutonomyBoard,
  type AutonomyChange,
  AutonomyOverride,
  type EarningRule,
  type LevelReport,
} from "../domain/autonomy.ts";
import { SelfhealError } from "../domain/errors.ts";
import type { AuditLog } from "../domain/ports/auditLog.ts";
import type { Clock } from "../domain/ports/clock.ts";
import type { IssueStore } from "../domain/ports/issueStore.ts";
import type { Settings } from "../domain/ports/settings.ts";
import type { TrackRecord } from "../domain/ports/trackRecord.ts";
import type { AutonomySetting, Service } from "../domain/service.ts";
import { Severity, type Ticket } from "../domain/ticket.ts";
import type { TrackEntry } from "../domain/trackRecord.ts";
import { effectiveLevel } from "../policy/effectiveLevel.ts";
import { newestSample } from "../tickets/newestSample.ts";

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

/** How many entries of a track record the board shows. */
const SHOWN = 10;

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
  const sample = await newestSample(issues, ticket);
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

/** The levels for people: which level is in effect and why, and how to change it while runs are under way. */
export function createAutonomyBoard(deps: LevelDeps): AutonomyBoard {
  // Changes run one after the other, so that `from` in the audit entry is the level right before the change.
  let last: Promise<unknown> = Promise.resolve();
  return {
    async report() {
      const rows = await Promise.all([...deps.services.values()].map((service) => rowsOf(deps, service)));
      return rows.flat();
    },
    change(change) {
      const done = last.then(() => carryOut(deps, change));
      last = done.catch(() => undefined);
      return done;
    },
  };
}

async function rowsOf(deps: LevelDeps, service: Service) {
  const all = await deps.trackRecord.list({ service: service.name });
  const classes = [null, ...[...new Set(all.map((entry) => entry.errorClass))].sort()];
  return Promise.all(
    classes.map(async (errorClass) => {
      const entries = errorClass === null ? [] : all.filter((entry) => entry.errorClass === errorClass);
      const levels = await levelsOf(deps, service, entries.toReversed());
      return { service: service.name, errorClass, levels, entries: entries.slice(0, SHOWN) };
    }),
  );
}

async function carryOut(deps: LevelDeps, { service: name, severity, level, by }: AutonomyChange): Promise<void> {
  const service = deps.services.get(name);
  if (service === undefined) throw new SelfhealError("serviceNotFound", `no service "${name}" is configured`);
  const before = await overridesOf(deps.settings, name);
  const same = before.find((override) => override.severity === severity);
  if (level === null ? before.length === 0 : same?.level === level && (severity !== null || before.length === 1))
    return;
  // A change of the whole service replaces all overrides of single severities.
  const others = severity === null ? [] : before.filter((override) => override.severity !== severity);
  const at = deps.clock.now();
  const after = level === null ? others : [...others, { severity, level, by, at }];
  await deps.settings.set(keyOf(name), JSON.stringify(after));
  await deps.audit.append({
    kind: "autonomy.changed",
    actor: `person:${by}`,
    facts: { service: name, severity, from: nameOf(before), to: nameOf(after), by },
  });
}

/** `high: assist, all: full`; `configured` if there is no override. */
function nameOf(overrides: readonly AutonomyOverride[]): string {
  if (overrides.length === 0) return "configured";
  return overrides.map(({ severity, level }) => `${severity ?? "all"}: ${level}`).join(", ");
}

const keyOf = (service: string) => `autonomy:${service}`;

async function overridesOf(settings: Settings, service: string): Promise<AutonomyOverride[]> {
  const stored = await settings.get(keyOf(service));
  return stored === null ? [] : Overrides.parse(JSON.parse(stored));
}
