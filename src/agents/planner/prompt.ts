import type { Recollection } from "../../domain/lesson.ts";
import type { CommitInfo } from "../../domain/ports/workspace.ts";
import { describePastFix } from "../prompting/pastFixes.ts";
import { oneLine, type Quoter } from "../prompting/untrustedText.ts";

/**
 * Increase it with every change of the texts below. It is part of the brain's name, so that a receipt shows which
 * wording was used.
 */
export const version = "planner-3";

const SYSTEM = `You plan the repair of one exception of a running program. You are given the exception, the source around its frames, the commits that touched it last, and names of files of the repository.
Decide which files a minimal repair has to change, the most likely first; usually it is one. The place that threw is often not the place that is wrong: follow the bad value to where it came from, as far as you can see it.
Tests, dependencies, build, CI, deployment and configuration are never part of a repair.
Abstain when the cause lies outside this repository (a service that is down, a full disk, bad input that is rightly refused) or when what you see does not tell: say what would change your mind.
"origin: service X" says that the innermost exception of the distributed trace was thrown in that other service: what is to be repaired here is at most how its failure is handled.
rootCause: one or two sentences for people, what happens and why. reason: why these files, or why you abstain.
culprits: the numbers of listed commits that probably brought the fault in, the most suspicious first; an empty list when none is suspect.`;

export function systemPrompt(quoter: Quoter): string {
  return `${SYSTEM}\n${quoter.notice}`;
}

/** What the planner's prompt is made of. Exception and excerpts are quoted already. */
export interface PlannerFacts {
  exception: string;
  excerpts: string;
  commits: readonly CommitInfo[];
  files: readonly string[];
  recollections: readonly Recollection[];
  /** Reported by the client; not trusted. */
  originService?: string | undefined;
  /** A person's guidance; trusted. */
  guidance: string;
}

/** The message to the model planner. All text by others is quoted, except a person's guidance, which is trusted. */
export function userPrompt(facts: PlannerFacts, quoter: Quoter): string {
  const commits = facts.commits.map((c, i) => `${i}: ${c.commit.slice(0, 10)} ${oneLine(c.subject, 120)}`);
  return [
    facts.exception,
    facts.excerpts,
    quoter.quote("commits, newest first", commits.join("\n") || "none", 4000),
    quoter.quote("files", facts.files.map((file) => oneLine(file, 200)).join("\n"), 12_000),
    facts.originService === undefined
      ? ""
      : quoter.quote("origin", `origin: service ${oneLine(facts.originService, 80)}, by distributed traces`, 200),
    ...facts.recollections.map((one) => describePastFix(one, quoter)),
    facts.guidance === "" ? "" : `Guidance from the person in charge: ${oneLine(facts.guidance, 2000)}`,
  ]
    .filter((part) => part !== "")
    .join("\n\n");
}
