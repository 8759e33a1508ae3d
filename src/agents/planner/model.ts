import { dirname } from "node:path/posix";
import { z } from "zod";
import type { Plan } from "../../domain/plan.ts";
import type { ChatModel } from "../../domain/ports/chatModel.ts";
import type { CommitInfo, Workspace } from "../../domain/ports/workspace.ts";
import { whyNotEditable } from "../../policy/editablePaths.ts";
import { placesOf, repairTarget } from "../../repair/frames.ts";
import { type JudgeFiles, judgeFilesOf } from "../../tools/tests/judge/judgeFiles.ts";
import { type ContextBudget, promptShare, scaled } from "../prompting/contextBudget.ts";
import { describeEvent } from "../prompting/describeEvent.ts";
import { excerptsOf } from "../prompting/sourceExcerpts.ts";
import { createQuoter, type Nonce, oneLine, randomNonce } from "../prompting/untrustedText.ts";
import type { PlannerBrain, PlannerInput } from "./contract.ts";
import { systemPrompt, userPrompt, version } from "./prompt.ts";
import { filesInReach } from "./reach.ts";

const MAX_FILES = 5;
const MAX_COMMITS = 10;
const MAX_LISTED = 200;

const Reply = z.object({
  action: z.enum(["fix", "abstain"]),
  rootCause: z.string(),
  files: z.array(z.string()).max(MAX_FILES),
  culprits: z.array(z.number().int()),
  reason: z.string(),
  wouldChangeMind: z.string(),
});
type Reply = z.infer<typeof Reply>;

/** What a reply may refer to. */
interface Ground {
  tracked: readonly string[];
  places: Plan["places"];
  commits: readonly CommitInfo[];
  protectedPaths: readonly string[];
  judges: JudgeFiles;
}

/**
 * Plans with a model. It chooses among files and commits that exist; a reply with any other is rejected, and the fault
 * names it. The model can do nothing but plan. Throws ModelError.
 */
export function createModelPlanner(deps: {
  model: ChatModel;
  contextBudget?: ContextBudget;
  nonce?: Nonce;
}): PlannerBrain {
  const { model, contextBudget, nonce = randomNonce } = deps;
  const name = `model:${model.name}@${version}`;
  return {
    name,
    async plan(input) {
      const whole = createQuoter(nonce());
      const system = systemPrompt(whole);
      // Only the model's answer follows this prompt, so the prompt may take more of the budget.
      const share = contextBudget === undefined ? 1 : Math.min(1, 1.5 * promptShare(contextBudget, system.length));
      const quoter = scaled(whole, share);
      const ground = await groundOf(input);
      const facts = {
        exception: describeEvent(input.event, ground.tracked, quoter),
        excerpts: await excerptsOf(input.workspace, ground.places, quoter, Math.max(3, Math.round(12 * share))),
        commits: ground.commits,
        files: nearest(ground),
        recollections: input.recollections ?? [],
        guidance: input.guidance,
        originService: input.originService,
      };
      const { value, usage } = await model.structured({
        turns: [
          { role: "system", content: system },
          { role: "user", content: userPrompt(facts, quoter) },
        ],
        schema: replyAbout(ground),
        schemaName: "plan",
        signal: input.signal,
      });
      const reach = await filesInReach(input.workspace, ground.tracked, ground.places);
      return { plan: planOf(value, ground, name, reach), tokens: usage.inputTokens + usage.outputTokens };
    },
  };
}

async function groundOf({ event, workspace }: PlannerInput): Promise<Ground> {
  const tracked = await workspace.files();
  const inner = repairTarget(event, tracked).places;
  const outer = [event.exception, ...event.causes].flatMap((exception) => placesOf(exception.frames, tracked));
  const places = [...inner, ...outer]
    .filter((p, i, all) => all.findIndex((q) => q.file === p.file && q.line === p.line) === i)
    .slice(0, 10)
    // Captured variables are left out.
    .map(({ file, line, column, function: name }) => ({
      file,
      line,
      ...(column === undefined ? {} : { column }),
      ...(name === undefined ? {} : { function: name }),
    }));
  return {
    tracked,
    places,
    commits: await suspects(workspace, places),
    protectedPaths: workspace.service.protectedPaths,
    judges: await judgeFilesOf(workspace, event),
  };
}

/** The commits that last touched the crashing lines, then those that touched the files. */
async function suspects(workspace: Workspace, places: Plan["places"]): Promise<CommitInfo[]> {
  if (places.length === 0) return [];
  const lines = await Promise.all(places.slice(0, 3).map(({ file, line }) => workspace.blame(file, line)));
  const paths = [...new Set(places.map((place) => place.file))];
  const recent = await workspace.log({ paths, limit: MAX_COMMITS });
  return [...lines.filter((commit) => commit !== null), ...recent]
    .filter((commit, i, all) => all.findIndex((other) => other.commit === commit.commit) === i)
    .slice(0, MAX_COMMITS);
}

/** The files to choose from: those of the frames, then those in the same folders, then the rest. */
function nearest({ tracked, places, protectedPaths, judges }: Ground): string[] {
  const own = new Set(places.map((place) => place.file));
  const folders = new Set([...own].map((file) => dirname(file)));
  const distance = (file: string) => (own.has(file) ? 0 : folders.has(dirname(file)) ? 1 : 2);
  return tracked
    .filter((file) => whyNotEditable(file, { places, protectedPaths, judges }) === null)
    .map((file) => ({ file, distance: distance(file) }))
    .sort((a, b) => a.distance - b.distance)
    .slice(0, MAX_LISTED)
    .map(({ file }) => file);
}

function replyAbout(ground: Ground): z.ZodType<Reply> {
  const tracked = new Set(ground.tracked);
  return Reply.superRefine((reply, context) => {
    const fault = (path: (string | number)[], message: string) => context.addIssue({ code: "custom", path, message });
    if (reply.action === "fix" && reply.files.length === 0) fault(["files"], "a fix names at least one file");
    for (const [i, file] of reply.files.entries()) {
      const name = oneLine(file, 120);
      const why = tracked.has(file) ? whyNotEditable(file, ground) : "there is no such file in the repository";
      if (why !== null) fault(["files", i], `${name}: ${why}`);
    }
    for (const [i, n] of reply.culprits.entries()) {
      if (ground.commits[n] === undefined) fault(["culprits", i], `there is no commit ${n}`);
    }
  });
}

function planOf(reply: Reply, ground: Ground, by: string, reach: ReadonlySet<string>): Plan {
  const commits = [...new Set(reply.culprits)].flatMap((n) => ground.commits[n] ?? []);
  const files = reply.action === "fix" ? [...new Set(reply.files)] : [];
  const beyondFrames = files.filter((file) => !reach.has(file));
  const wouldChangeMind = oneLine(reply.wouldChangeMind, 900);
  return {
    action: reply.action,
    rootCause: oneLine(reply.rootCause, 1900),
    files,
    ...(beyondFrames.length > 0 && { beyondFrames }),
    places: ground.places,
    culprits: commits.map((c) => ({ commit: c.commit, subject: oneLine(c.subject, 200), why: "named by the model" })),
    by,
    reason: oneLine(reply.reason, 1900),
    ...(reply.action === "abstain" && wouldChangeMind !== "" ? { wouldChangeMind } : {}),
  };
}
