import { SelfhealError } from "../../../domain/errors.ts";
import type { Sandbox } from "../../../domain/ports/sandbox.ts";
import type { Workspace } from "../../../domain/ports/workspace.ts";
import { isTestPath } from "../../../policy/testPaths.ts";
import { repairTarget } from "../../../repair/frames.ts";
import { callTests, pinned, recipeOf } from "../../../repair/reproduction/callTests.ts";
import type { Call, ProbeLine, ProbePlan } from "../../../repair/reproduction/probe/plan.ts";
import { MARK } from "../../../repair/reproduction/probe/plan.ts";
import { PROBE_DIR, probeFiles } from "../../../repair/reproduction/probeFiles.ts";
import { anonymous, standInShape } from "../../../repair/reproduction/standIns.ts";
import { type KnownTarget, targetsOf } from "../../../repair/reproduction/targets.ts";
import { writePlain } from "../../../tools/git/safeFiles.ts";
import type { ReproducerInput } from "../contract.ts";
import type { TestSource } from "./reproducer.ts";

/** How long the sandbox tries inputs, milliseconds. Its process may take as long again to start and end. */
const SEARCH_MS = 12_000;

/**
 * A source of tests that call the crashing function, or a caller of it, directly. Arguments are the captured local
 * variables. If there are none, or they are not enough, values are made up until this exception appears at this place.
 */
export function createCallTestSource({ sandbox }: { sandbox: Sandbox }): TestSource {
  return {
    name: "a call",
    async propose(input) {
      const { workspace, event } = input;
      const files = (await workspace.files()).filter((file) => !isTestPath(file));
      const tree = { files: () => workspace.files(), read: (path: string) => workspace.read(path) };
      const { exception, places } = repairTarget(event, files);
      const [top] = places;
      const targets = await targetsOf(places, tree);
      if (top === undefined || targets.length === 0)
        return { tests: [], notes: ["no function on the stack can be loaded from the repository"] };
      const wanted = {
        type: exception.type,
        message: exception.value,
        file: top.file,
        function: plainFunction(top.function),
        line: top.line,
      };
      const plan: ProbePlan = { mode: "search", wanted, targets, budgetMs: SEARCH_MS };
      const lines = await probe(sandbox, input, plan);
      const notes = lines.flatMap((line) => ("note" in line ? [line.note] : []));
      const found = bestOf(lines, targets);
      if (found === null) return { tests: [], notes: [...notes, "no input was found that leads to the exception"] };
      const { call, origin } = found;
      const root = rootOf(workspace);
      const source = await workspace.read(call.file).catch(() => "");
      const calls = anonymous(call, (of, by) => ({
        ...of,
        roots: of.roots.map((shape) => standInShape(shape, source, by)),
      }));
      const wantedTests = calls.map((one) => callTests({ exception, place: top, call: one, origin, root }, tree));
      return { tests: (await Promise.all(wantedTests)).flat(), notes };
    },
    async pin(input) {
      const recipe = recipeOf(input.test);
      if (recipe === null || input.test.kind !== "call") return null;
      const lines = await probe(sandbox, input, { mode: "value", call: recipe.call });
      const value = lines.flatMap((line) => ("value" in line && line.value !== null ? [line.value] : []))[0];
      return value === undefined ? null : pinned(input.test, value);
    },
  };
}

interface FoundInput {
  call: Call;
  origin: "captured" | "constructed";
}

function bestOf(lines: readonly ProbeLine[], targets: readonly KnownTarget[]): FoundInput | null {
  const found = lines.filter((line) => "found" in line);
  const best = found.find(({ kind }) => kind === "exact") ?? found[0];
  const target = best === undefined ? undefined : targets[best.target];
  if (best === undefined || target === undefined) return null;
  // Captured means that nothing was made up: the first run threw, with the captured values, straight through the
  // module.
  const isDirect = best.found.steps.every((step, i, all) => "get" in step || i === all.length - 1);
  const captured = best.runs === 1 && target.isCaptured && isDirect;
  return { call: best.found, origin: captured ? "captured" : "constructed" };
}

/** Runs one process in the sandbox. Its files are in a folder of their own in the tree, until the next reset. */
async function probe(sandbox: Sandbox, { workspace, signal }: ReproducerInput, plan: ProbePlan): Promise<ProbeLine[]> {
  for (const [path, content] of Object.entries(await probeFiles(plan)))
    await writePlain(workspace.dir, path, Buffer.from(content, "utf8"), false);
  const up = rootOf(workspace)
    .split("/")
    .filter(Boolean)
    .map(() => "../")
    .join("");
  const { stdout } = await sandbox.run(workspace, {
    command: `node ${up}${PROBE_DIR}/main.js`,
    timeoutMs: SEARCH_MS * 2,
    signal,
  });
  signal.throwIfAborted();
  return stdout.split("\n").flatMap((line) => {
    if (!line.startsWith(MARK)) return [];
    try {
      return [JSON.parse(line.slice(MARK.length)) as ProbeLine];
    } catch (cause) {
      throw new SelfhealError("probe", "the probe said something that cannot be read", { cause });
    }
  });
}

function rootOf(workspace: Workspace): string {
  return workspace.service.root.replace(/^\.\/?/, "").replace(/\/$/, "");
}

function plainFunction(name: string | undefined): string | null {
  const plain =
    name
      ?.replace(/ \[as [^\]]*\]$/, "")
      .replace(/^(?:async |new )+/, "")
      .split(".")
      .at(-1) ?? "";
  return plain === "" || /[<>\s]/.test(plain) ? null : plain;
}
