import type { AutonomyBoard, AutonomyChange, AutonomyOverride } from "../domain/autonomy.ts";
import { SelfhealError } from "../domain/errors.ts";
import type { Service } from "../domain/service.ts";
import { keyOf, type LevelDeps, levelsOf, overridesOf } from "./levelInEffect.ts";

/** How many entries of a track record the board shows. */
const SHOWN = 10;

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
