import { z } from "zod";
import { TrackEntry } from "./trackRecord.ts";

/**
 * How one Patch ended, kept for similar tickets later. It contains copies of all its texts, because it outlives its
 * ticket.
 */
export const Lesson = z.object({
  /** Derived from ticket, outcome and Patch. */
  id: z.string().uuid(),
  ticketId: z.string(),
  service: z.string(),
  outcome: TrackEntry.shape.outcome,
  at: z.number(),
  /** Fingerprint families of its Issues. */
  families: z.array(z.string()),
  /** `Type: message template` of its Issues. */
  titles: z.array(z.string()),
  /** `function (file)` of its Issues' top frames. */
  culprits: z.array(z.string()),
  /** Files that the Patch changed. */
  files: z.array(z.string()),
  /** Who wrote the Patch: `rules:<template>`, `model:<name>`, `person:<who>`. */
  by: z.string(),
  /** The Patch that the outcome is about. */
  patchDigest: z.string(),
  /** The diff to learn from; for `edited` the person's own diff. Long diffs are cut at the end. */
  diff: z.string().max(8192),
  /** The reason, written by a person or by the program that observed it. */
  note: z.string().max(1000),
});
export type Lesson = z.infer<typeof Lesson>;

/** A Lesson that is relevant to a ticket. */
export interface Recollection {
  lesson: Lesson;
  /** 0 to 100; see `similarity`. */
  similarity: number;
  /** example: a Patch that held, or that a person edited. warning: a Patch that did not work. */
  kind: "example" | "warning";
}

/** The fields by which two problems are compared. */
export type Likeness = Pick<Lesson, "families" | "titles" | "culprits" | "files">;

/** The lowest similarity at which a Lesson is relevant. */
export const SIMILAR = 40;

/**
 * How similar two problems are, from 0 to 100. A common Fingerprint family is the same problem: 100. Otherwise points
 * add up: a common `Type: message template` 40, a common function 40, a common file 20.
 */
export function similarity(a: Likeness, b: Likeness): number {
  if (common(a.families, b.families)) return 100;
  const points = [
    common(a.titles, b.titles) ? 40 : 0,
    common(a.culprits, b.culprits) ? 40 : 0,
    common(a.files, b.files) ? 20 : 0,
  ];
  return points.reduce((sum, some) => sum + some, 0);
}

/** The relevant Lessons, at most `limit`: the most similar first, and the newest first among equals. */
export function recollections(problem: Likeness, lessons: readonly Lesson[], limit: number): Recollection[] {
  return lessons
    .map((lesson) => ({ lesson, similarity: similarity(problem, lesson), kind: kindOf(lesson) }))
    .filter((one) => one.similarity >= SIMILAR)
    .sort((a, b) => b.similarity - a.similarity || b.lesson.at - a.lesson.at)
    .slice(0, limit);
}

function kindOf({ outcome }: Lesson): Recollection["kind"] {
  return outcome === "held" || outcome === "edited" ? "example" : "warning";
}

function common(a: readonly string[], b: readonly string[]): boolean {
  return a.some((one) => one !== "" && b.includes(one));
}
