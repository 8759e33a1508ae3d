import { z } from "zod";
import { TrackEntry } from "./trackRecord.ts";

/** What is remembered of how one Patch ended, for later tickets like it. Holds its own texts: it outlives its ticket. */
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
  /** The diff to learn from: for `edited` the person's own. Cut at the end where it is long. */
  diff: z.string().max(8192),
  /** Why, in the words of a person or of the program that saw it. */
  note: z.string().max(1000),
});
export type Lesson = z.infer<typeof Lesson>;

/** A Lesson that bears on a ticket. */
export interface Recollection {
  lesson: Lesson;
  /** 0 to 100; see `similarity`. */
  similarity: number;
  /** example: what held, or what a person made of it. warning: what did not do. */
  kind: "example" | "warning";
}

/** What two problems are compared by. */
export type Likeness = Pick<Lesson, "families" | "titles" | "culprits" | "files">;

/** From here on one problem tells something about the other. */
export const SIMILAR = 40;

/**
 * How alike two problems are: the same Fingerprint family is the same problem (100); else the same message template of the
 * same type 40, the same function 40, a common file 20.
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

/** What is worth recalling, the most alike first, of those the newest; at most `limit`. */
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
