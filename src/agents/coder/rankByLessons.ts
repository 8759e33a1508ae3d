import type { Recollection } from "../../domain/lesson.ts";
import type { Candidate } from "../../repair/candidate.ts";

/** Points for a Lesson whose repair held, if it is of the same template; half of it for the same template family. */
const HELD = 6;
/** Points that a rejected or reverted repair costs, likewise. */
const REJECTED = 12;

/**
 * Ranks candidates by the outcomes of earlier patches like them: templates that held rise, rejected ones sink, in
 * proportion to the similarity. A candidate below `bar` never rises: memory changes the order, and never turns a weak
 * guess into a proposal.
 */
export function rankByLessons(
  candidates: readonly Candidate[],
  recollections: readonly Recollection[],
  bar: number,
): Candidate[] {
  return candidates.map((candidate) => {
    const change = recollections.reduce((sum, one) => sum + worth(candidate, one), 0);
    if (change === 0) return candidate;
    const score = Math.max(0, Math.min(100, candidate.score + change));
    return { ...candidate, score: candidate.score < bar ? Math.min(score, candidate.score) : score };
  });
}

function worth(candidate: Candidate, { lesson, similarity, kind }: Recollection): number {
  const form = lesson.by.startsWith("rules:") ? lesson.by.slice("rules:".length) : "";
  if (form === "" || family(form) !== family(candidate.template)) return 0;
  const full = (kind === "example" ? HELD : -REJECTED) * (similarity / 100);
  return form === candidate.template ? full : full / 2;
}

function family(template: string): string {
  return template.split(":")[0] ?? template;
}
