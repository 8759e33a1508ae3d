import type { Recollection } from "../../domain/lesson.ts";
import type { Candidate } from "../../repair/candidate.ts";

/** What it is worth that a repair of the same form held for a problem like this one; for one of the same family half of it. */
const HELD = 6;
/** What it costs that one was turned down or taken back. */
const REJECTED = 12;

/**
 * Ranks candidates by what became of earlier patches like them. Held forms rise and rejected ones sink; a form never rises over
 * `bar` by it: what is too weak a guess by itself stays one, so that memory changes the order and opens nothing.
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
