import { digestOf } from "../../domain/patch.ts";
import { withoutFiles } from "../../tools/tests/judge/judgedPart.ts";
import { judgeFilesOf } from "../../tools/tests/judge/judgeFiles.ts";
import type { CoderBrain, CoderInput, CoderResult } from "./contract.ts";

type Patched = Extract<CoderResult, { kind: "patch" }>;

/**
 * Adds the revert of the culprit commit, if the plan names one, to a coder. A revert is the cheapest repair, and its
 * result is known, for that code ran before. It is tried first if a fresh deployment began the exception, else only
 * after `others` abstained. Only a clean revert with green checks counts; without a reproduction nothing is reverted.
 */
export function withRevert(others: CoderBrain): CoderBrain {
  return {
    name: others.name,
    async code(input) {
      const { revert } = input.plan;
      if (revert === undefined) return others.code(input);
      if (revert.first) {
        const tried = await tryRevert(input, revert);
        if (typeof tried !== "string") return tried;
        return joined([tried], await others.code(input));
      }
      const first = await others.code(input);
      if (first.kind === "patch") return first;
      const tried = await tryRevert(input, revert);
      if (typeof tried === "string") return joined([tried], first);
      return { ...tried, rejected: [...first.rejected, ...tried.rejected], tokens: first.tokens };
    },
  };
}

/**
 * The revert as the patch in the workspace; or a string that says why there is none, with the workspace at the base.
 */
async function tryRevert(
  input: CoderInput,
  { commit, subject }: { commit: string; subject: string },
): Promise<Patched | string> {
  const { workspace, rejectedDigests } = input;
  const what = `revert:${commit.slice(0, 12)}`;
  await workspace.reset();
  const whole = await workspace.reverseOf(commit);
  if (whole === null || whole === "") return `${what}: it cannot be taken back by itself`;
  const judges = await judgeFilesOf(workspace, input.event);
  const reverse = withoutFiles(whole, (path) => judges.has(path));
  if (reverse === "") return `${what}: it changed only files that judge the patch`;
  const applied = await workspace.apply(reverse);
  if (applied.kind === "conflict") return `${what}: later changes stand on it`;
  const why = rejectedDigests.includes(digestOf(await workspace.diff())) ? "turned down before" : await whyNot(input);
  if (why === null) {
    const explanation = `Takes back ${commit.slice(0, 12)} (${subject.slice(0, 200)}), which wrote the crashing line.`;
    return { kind: "patch", by: "rules:revert", explanation, rejected: [], tokens: 0 };
  }
  await workspace.reset();
  return `${what}: ${why}`;
}

async function whyNot({ check }: CoderInput): Promise<string | null> {
  const quick = await check({ suite: false });
  if (quick.reproductionPassed === null) return "nothing reproduces the exception, so nothing shows that this ends it";
  if (!quick.reproductionPassed) return "the exception is still there";
  const whole = await check({ suite: true });
  return whole.suitePassed === false ? "tests that passed fail with it" : null;
}

function joined(rejected: readonly string[], result: CoderResult): CoderResult {
  return { ...result, rejected: [...rejected, ...result.rejected] };
}
