import type { CapturedEvent, Exception } from "../../domain/event.ts";
import type { AbstentionKind, Plan } from "../../domain/plan.ts";
import type { CommitInfo, Workspace } from "../../domain/ports/workspace.ts";
import { isTestPath } from "../../policy/testPaths.ts";
import { sourcePlaces } from "../../repair/buildOutput.ts";
import type { Place } from "../../repair/candidate.ts";
import { handedOver, repairTarget, thrownElsewhere } from "../../repair/frames.ts";
import { outsideCause } from "../../repair/javascript/crashKinds.ts";
import { intendedRaise, intendedThrow } from "../../repair/javascript/intendedThrow.ts";
import { locateCrash } from "../../repair/javascript/locateCrash.ts";
import { isParsable, otherLanguageOf } from "../../syntax/grammars.ts";
import { parseSource } from "../../syntax/source.ts";
import { judgeFilesOf } from "../../tools/tests/judge/judgeFiles.ts";
import type { PlannerBrain, PlannerInput } from "./contract.ts";
import { culpritsOf, revertOf, type Suspect } from "./rankSuspectCommits.ts";

const MAX_FILES = 10;
const MAX_PLACES = 20;
/**
 * Commits up to this long before the exception was first seen are suspects if they touched a file of the stack.
 * Milliseconds.
 */
const SUSPECT_MS = 7 * 24 * 60 * 60 * 1000;

type Abstention = Pick<Plan, "reason"> & { kind: AbstentionKind; wouldChangeMind: string; rootCause: string };

/**
 * Plans from the stack alone: frames → files, and the commits that touched them. Abstains if no change of this code can
 * help.
 */
export function createRulesPlanner(): PlannerBrain {
  return {
    name: "rules",
    async plan(input) {
      const { event, workspace } = input;
      const tracked = await workspace.files();
      const judges = await judgeFilesOf(workspace, event);
      const ours = tracked.filter((f) => !isTestPath(f) && !(isParsable(f) && judges.has(f)));
      const { exception, places: running } = repairTarget(event, ours);
      const tree = { files: async () => ours, read: (path: string) => workspace.read(path) };
      const places = workspace.service.buildCommand === undefined ? running : await sourcePlaces(running, tree);
      const abstention = await whyNot({ event, exception, places, tracked: ours, workspace });
      const plan = abstention === null ? await fixPlan(input, exception, places) : abstained(abstention, places);
      return { plan: withOrigin(plan, input.originService), tokens: 0 };
    },
  };
}

/** Adds the service where the failure began to the plan's reason, for people. */
function withOrigin(plan: Plan, service: string | undefined): Plan {
  if (service === undefined) return plan;
  return {
    ...plan,
    reason: `${plan.reason}; origin: service ${service}, whose exception is the innermost of the trace`,
  };
}

interface Facts {
  event: CapturedEvent;
  exception: Exception;
  places: readonly Place[];
  tracked: readonly string[];
  workspace: Workspace;
}

/** Why nothing should be changed; null: there is something to repair here. */
async function whyNot({ event, exception, places, tracked, workspace }: Facts): Promise<Abstention | null> {
  const rootCause = titleOf(exception);
  // "fetch failed" is only the symptom here; its cause says what happened.
  const outside = [exception, ...event.causes].map(outsideCause).find((found) => found !== null) ?? null;
  if (outside !== null) {
    return {
      rootCause,
      kind: "outside",
      reason: `"${outside}" comes from the network, the machine or the installation, not from this code`,
      wouldChangeMind: "an event that shows the code mishandling it, or a person's word that it should be handled here",
    };
  }
  const [top] = places;
  if (top === undefined) {
    return {
      rootCause,
      kind: "notOurs",
      reason:
        "no frame of the stack is a file of this repository: third-party code, configuration, or a build without source maps",
      wouldChangeMind: "a stack with frames of this repository (source maps, or the right repository for the service)",
    };
  }
  if (thrownElsewhere(exception.frames, tracked) && !(await isOurs(exception, tracked, top, workspace))) {
    return {
      rootCause,
      kind: "thirdParty",
      reason: `it is thrown inside of a package, called from ${top.file}:${top.line}: what the package wants cannot be told from here`,
      wouldChangeMind: "a newer version of the package, or an event whose newest frame is in this repository",
    };
  }
  if (!isParsable(top.file)) {
    return {
      rootCause,
      kind: "language",
      reason: `${top.file} is in a language that the rules cannot repair`,
      wouldChangeMind: "a model as the brain (brain: rulesThenModel)",
    };
  }
  const text = await workspace.read(top.file);
  const source = parseSource(top.file, text);
  const intended =
    source !== null
      ? intendedThrow(source, top, exception)
      : otherLanguageOf(top.file) === null
        ? null
        : intendedRaise(text, top, exception);
  if (intended === null) return null;
  return {
    rootCause,
    kind: "intended",
    reason: `the exception is intended: ${intended}`,
    wouldChangeMind: "a person's word that this input should be accepted",
  };
}

/** Whether a package failed on a missing value that the code at `top` passed to it, in a call that is still there. */
async function isOurs(
  exception: Exception,
  tracked: readonly string[],
  top: Place,
  workspace: Workspace,
): Promise<boolean> {
  if (!handedOver(exception, tracked) || !isParsable(top.file)) return false;
  const source = parseSource(top.file, await workspace.read(top.file));
  return source !== null && locateCrash(source, top, { kind: "handedOver" }).length > 0;
}

async function fixPlan(input: PlannerInput, exception: Exception, places: readonly Place[]): Promise<Plan> {
  const files = [...new Set(places.map((p) => p.file))].slice(0, MAX_FILES);
  const [top] = places;
  const where = top === undefined ? "" : ` in ${top.function ?? "the code"} at ${top.file}:${top.line}`;
  const { suspects, firstSeen } = await suspectsOf(input, files, top);
  const revert = revertOf(suspects, firstSeen);
  return {
    action: "fix",
    rootCause: `${titleOf(exception)}${where}`.slice(0, 2000),
    files,
    places: placesFor(places),
    culprits: culpritsOf(suspects, firstSeen),
    ...(revert && { revert }),
    by: "rules",
    reason: `${files.length === 1 ? "one file of the repository is" : `${files.length} files of the repository are`} on the stack`,
  };
}

function abstained({ kind, reason, rootCause, wouldChangeMind }: Abstention, places: readonly Place[]): Plan {
  return {
    action: "abstain",
    rootCause,
    files: [],
    places: placesFor(places),
    culprits: [],
    by: "rules",
    reason,
    kind,
    wouldChangeMind,
  };
}

/** The commit that last touched the crashing line, and those that touched the files in the days before. */
async function suspectsOf(
  { event, beginning, workspace }: PlannerInput,
  files: readonly string[],
  top: Place | undefined,
): Promise<{ suspects: Suspect[]; firstSeen: number }> {
  const firstSeen = beginning?.firstSeen ?? event.timestamp;
  const recent = await workspace.log({ paths: files, sinceMs: firstSeen - SUSPECT_MS, limit: 10 });
  const blamed = top === undefined ? null : await workspace.blame(top.file, top.line);
  const others = recent.filter((commit) => commit.commit !== blamed?.commit);
  const holds = async (release: string | null | undefined, { commit }: CommitInfo) =>
    release === null || release === undefined || beginning === undefined ? null : beginning.holds(release, commit);
  const suspects = [...(blamed === null ? [] : [blamed]), ...others].map(async (info) => ({
    info,
    wroteLine: info === blamed,
    inCrashedRelease: await holds(beginning?.crashed, info),
    inGoodRelease: await holds(beginning?.good, info),
  }));
  return { suspects: await Promise.all(suspects), firstSeen };
}

function placesFor(places: readonly Place[]): Plan["places"] {
  return places.slice(0, MAX_PLACES).map(({ file, line, column, function: name }) => ({
    file,
    line,
    ...(column !== undefined && { column }),
    ...(name !== undefined && { function: name }),
  }));
}

function titleOf(exception: Exception): string {
  return `${exception.type}: ${exception.value.split("\n")[0] ?? ""}`.slice(0, 500);
}
