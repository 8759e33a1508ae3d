import type { CapturedEvent } from "../../domain/event.ts";
import type { GroupingRule } from "../../domain/groupingRule.ts";

/**
 * Finds the first rule that matches an Event, or null. All fields that a rule names must match one exception: the
 * captured one, or one of its causes. `file` and `function` must match one app frame of it.
 */
export function ruleFor(event: CapturedEvent, rules: readonly GroupingRule[]): GroupingRule | null {
  if (rules.length === 0) return null;
  const exceptions = [event.exception, ...event.causes];
  return (
    rules.find((rule) =>
      exceptions.some(
        ({ type, value, frames }) =>
          (rule.type === undefined || globMatches(rule.type, type)) &&
          (rule.message === undefined || globMatches(rule.message, value)) &&
          ((rule.file === undefined && rule.function === undefined) ||
            frames.some(
              (frame) =>
                frame.inApp &&
                (rule.file === undefined || globMatches(rule.file, frame.file)) &&
                (rule.function === undefined || globMatches(rule.function, frame.function ?? "")),
            )),
      ),
    ) ?? null
  );
}

/**
 * Matches a text against a glob. `*` matches any text; every other character matches itself. The cost is linear in the
 * text for each piece of the glob.
 */
export function globMatches(glob: string, text: string): boolean {
  const pieces = glob.split("*");
  const [first = "", ...rest] = pieces;
  if (rest.length === 0) return text === glob;
  const last = rest.pop() ?? "";
  if (!text.startsWith(first) || !text.endsWith(last) || text.length < first.length + last.length) return false;
  let at = first.length;
  for (const piece of rest) {
    const found = text.indexOf(piece, at);
    if (found < 0 || found + piece.length > text.length - last.length) return false;
    at = found + piece.length;
  }
  return true;
}
