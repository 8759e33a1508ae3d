import type { Evidence, Finding } from "../domain/evidence.ts";
import { revealed } from "../domain/plainText.ts";

/**
 * Findings about the files of a Patch that judge it, as the tester saw them. The Evidence was gathered without these
 * changes, so it says nothing about them.
 */
export function judgeFindings({ judgeTouched = [] }: Pick<Evidence, "judgeTouched">): Finding[] {
  const message = "judges patches (a command or a test loads it); the Evidence was gathered without this change";
  return judgeTouched.map((path) => ({ rule: "judgeTouched", weight: "soft", path: revealed(path), line: 0, message }));
}
