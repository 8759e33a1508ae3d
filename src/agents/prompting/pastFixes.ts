import type { Recollection } from "../../domain/lesson.ts";
import type { Quoter } from "./untrustedText.ts";

const SAID = {
  held: "held in production: follow it where it fits",
  edited: "what a person made of a proposed patch: follow their way",
  rejected: "turned down by a person: do not propose it again",
  reverted: "deployed and taken back: it did not hold",
} as const;

/** A Lesson for a prompt. It is data even if its Patch held: a diff may quote what users wrote. */
export function describePastFix({ lesson, similarity }: Recollection, quoter: Quoter): string {
  const label = `an earlier patch for a similar crash (${similarity} of 100 alike), ${SAID[lesson.outcome]}`;
  const note = lesson.note === "" ? "" : `note: ${lesson.note.slice(0, 300)}\n`;
  return quoter.quote(label, `${note}${lesson.diff}`, 3000);
}
