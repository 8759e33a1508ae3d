import { parse } from "secure-json-parse";
import { messageOf } from "../domain/errors.ts";

export type JsonResult =
  | { kind: "value"; value: unknown }
  | { kind: "refused"; reason: "invalid" | "tooDeep"; message: string };

/**
 * Parses JSON of at most `maxDepth` levels. The depth is scanned first: JSON.parse takes a million levels, but whatever
 * recurses over the result dies of them. Keys that would change a prototype are left out.
 */
export function parseJson(text: string, maxDepth: number): JsonResult {
  if (isDeeper(text, maxDepth))
    return { kind: "refused", reason: "tooDeep", message: `nested deeper than ${maxDepth} levels` };
  try {
    return { kind: "value", value: parse(text, { protoAction: "remove", constructorAction: "remove" }) };
  } catch (thrown) {
    return { kind: "refused", reason: "invalid", message: `not JSON: ${messageOf(thrown).slice(0, 200)}` };
  }
}

/** Whether arrays and objects nest deeper than that; brackets inside strings do not count. */
function isDeeper(text: string, maxDepth: number): boolean {
  let depth = 0;
  let inString = false;
  for (let i = 0; i < text.length; i++) {
    const char = text[i];
    if (inString) {
      if (char === "\\") i++;
      else if (char === '"') inString = false;
    } else if (char === '"') inString = true;
    else if (char === "{" || char === "[") {
      if (++depth > maxDepth) return true;
    } else if (char === "}" || char === "]") depth--;
  }
  return false;
}
