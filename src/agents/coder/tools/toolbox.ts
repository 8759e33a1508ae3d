import { z } from "zod";
import { messageOf } from "../../../domain/errors.ts";
import { digestOf } from "../../../domain/patch.ts";
import type { ToolCall } from "../../../domain/ports/chatModel.ts";
import type { Clock } from "../../../domain/ports/clock.ts";
import { whyNotEditable } from "../../../policy/editablePaths.ts";
import type { JudgeFiles } from "../../../tools/tests/judge/judgeFiles.ts";
import { oneLine, type Quoter } from "../../prompting/untrustedText.ts";
import type { CoderInput, QuickCheck } from "../contract.ts";
import { stripOutputNoise } from "../stripOutputNoise.ts";
import { createEditTool, createReadTools, type Ground } from "./codeTools.ts";
import { createHistoryTools } from "./historyTools.ts";
import { createSyntaxTool } from "./structuralSearchTool.ts";
import { say, show, type Tool, type ToolOutcome, tool } from "./tool.ts";

/** The tools of one conversation, and what they have shown so far. */
export interface Toolbox {
  readonly tools: readonly Tool[];
  /** Files that can be edited. */
  readonly editable: readonly string[];
  /** What was tried and failed its check, in words. */
  readonly rejected: readonly string[];
  /**
   * Runs a call of the model. An error goes to the model as text, without local paths. Throws only if the run was
   * aborted.
   */
  run(call: ToolCall): Promise<ToolOutcome>;
  /** Why the tree is not a finished patch; null: it contains a patch that passed its check. */
  whyNotDone(): Promise<string | null>;
  /** The check of the tree as it is; null: none since the last edit. */
  lastCheck(): QuickCheck | null;
  /** Why going on from this tree is useless, and a fresh start is not; null: it may still work. */
  hopeless(): string | null;
}

/** After this many failed checks the tree is given up. */
const MAX_FAILED = 2;

/** What is known of the tree as it is now. */
interface Progress {
  /** null: something was edited since the last check. */
  check: QuickCheck | null;
  edited: Set<string>;
  rejected: string[];
}

/**
 * Creates the tools of one conversation. Only the plan's files and those of its places can be edited, and of these only
 * what the path policy allows.
 */
export function createToolbox(
  input: CoderInput,
  { tracked, judges }: { tracked: readonly string[]; judges: JudgeFiles },
  quoter: Quoter,
  clock: Clock,
): Toolbox {
  const { workspace, plan } = input;
  const reach = { places: plan.places, protectedPaths: workspace.service.protectedPaths, judges };
  const named = [...new Set([...plan.files, ...plan.places.map((place) => place.file)])];
  const editable = named.filter((file) => tracked.includes(file) && whyNotEditable(file, reach) === null);
  const progress: Progress = { check: null, edited: new Set(), rejected: [] };
  const refusal = (file: string) =>
    editable.includes(file) ? null : `cannot be edited: ${whyNotEditable(file, reach) ?? "it is not in the plan"}`;
  const onEdit = (file: string) => {
    progress.check = null;
    progress.edited.add(file);
  };
  const ground = { workspace, tracked, quoter };
  const tools = [
    ...createReadOnlyTools(ground, clock),
    createEditTool({ ...ground, refusal, onEdit }),
    runTests(input, progress, quoter),
    finish(input, progress),
    ABSTAIN,
  ];
  return {
    tools,
    editable,
    rejected: progress.rejected,
    whyNotDone: () => whyNotDone(input, progress),
    lastCheck: () => progress.check,
    hopeless: () =>
      progress.rejected.length >= MAX_FAILED && (progress.check === null || !isGood(progress.check))
        ? `the checks failed ${progress.rejected.length} times`
        : null,
    run: (call) => runToolCall(input, tools, call),
  };
}

/** Creates all tools that change nothing. */
export function createReadOnlyTools(ground: Ground, clock: Clock): Tool[] {
  return [...createReadTools(ground), createSyntaxTool(ground, clock.now), ...createHistoryTools(ground)];
}

/**
 * Runs a call of the model. An error goes to the model as text, without local paths. Throws only if the run was
 * aborted.
 */
export async function runToolCall(
  input: Pick<CoderInput, "workspace" | "signal">,
  tools: readonly Tool[],
  call: ToolCall,
): Promise<ToolOutcome> {
  const wanted = tools.find(({ name }) => name === call.name);
  if (wanted === undefined) return say(`there is no tool ${oneLine(call.name, 60)}`);
  try {
    return await wanted.run(call.args);
  } catch (error) {
    input.signal.throwIfAborted();
    return say(`failed: ${oneLine(messageOf(error).replaceAll(input.workspace.dir, "."), 300)}`);
  }
}

function runTests(input: CoderInput, progress: Progress, quoter: Quoter): Tool {
  const what = "Reproduces the exception and runs the test suite on the tree as it is.";
  return tool("run_tests", what, z.object({}), async () => {
    const seen = await input.check({ suite: true });
    const summary = stripOutputNoise(seen.summary, input.workspace);
    progress.check = seen;
    if (!isGood(seen)) {
      const files = [...progress.edited].join(", ") || "no edit";
      progress.rejected.push(`${files}: ${oneLine(summary, 200)}`);
    }
    return show(quoter, "test run", `${inWords(seen)}\n${summary}`);
  });
}

function finish(input: CoderInput, progress: Progress): Tool {
  const parameters = z.object({ explanation: z.string() });
  return tool("finish", "The repair is done and tested.", parameters, async ({ explanation }) => {
    const why = await whyNotDone(input, progress);
    return why === null ? { kind: "finished", explanation } : say(`not finished: ${why}`);
  });
}

/** Ends the work without a patch. */
export const ABSTAIN = tool(
  "abstain",
  "This cannot be repaired here: why, and what would change your mind.",
  z.object({ reason: z.string(), would_change_mind: z.string() }),
  async (args) => ({ kind: "abstained", reason: args.reason, wouldChangeMind: args.would_change_mind }),
);

async function whyNotDone(input: CoderInput, { check }: Progress): Promise<string | null> {
  const diff = await input.workspace.diff();
  if (diff === "") return "nothing is changed";
  if (input.rejectedDigests.includes(digestOf(diff))) return "exactly this patch was turned down before";
  if (check === null) return "the last edit was not followed by run_tests";
  return isGood(check) ? null : "the last run_tests failed";
}

/** An unknown result counts as good here: the tester finds out, and the gate asks a person where nothing was shown. */
function isGood(check: QuickCheck): boolean {
  return check.reproductionPassed !== false && check.suitePassed !== false;
}

function inWords(check: QuickCheck): string {
  const of = (passed: boolean | null) => (passed === null ? "not available" : passed ? "passes" : "FAILS");
  return `reproduction: ${of(check.reproductionPassed)}; suite: ${of(check.suitePassed)}`;
}
