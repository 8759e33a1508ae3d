import { parse } from "secure-json-parse";
import { messageOf } from "../../domain/errors.ts";

export type JsonResult =
  | { kind: "value"; value: unknown }
  | { kind: "refused"; reason: "invalid" | "tooDeep"; message: string };

export interface JsonLimits {
  maxDepth: number;
  /** Members and elements in total. */
  maxValues: number;
}

/**
 * Parses JSON from text or UTF-8, with a limited depth and number of values. Both limits are checked before the parse:
 * JSON.parse accepts a million levels, but code that recurses over the result overflows the stack. Keys that would
 * change a prototype are removed.
 */
export function parseJson(given: string | Uint8Array, limits: JsonLimits): JsonResult {
  const text = typeof given === "string" ? given : textOf(given);
  if (text === null) return { kind: "refused", reason: "invalid", message: "the body is not UTF-8" };
  const excess = scan(text, limits);
  if (excess !== null) return { kind: "refused", ...excess };
  try {
    return { kind: "value", value: parse(text, { protoAction: "remove", constructorAction: "remove" }) };
  } catch (thrown) {
    return { kind: "refused", reason: "invalid", message: `not JSON: ${messageOf(thrown).slice(0, 200)}` };
  }
}

/** Decodes UTF-8; null if the bytes are not UTF-8. */
export function textOf(bytes: Uint8Array): string | null {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return null;
  }
}

/** The limit that a text exceeds, or null. Brackets and commas inside strings do not count. */
function scan(
  text: string,
  { maxDepth, maxValues }: JsonLimits,
): { reason: "tooDeep" | "invalid"; message: string } | null {
  let depth = 0;
  let values = 0;
  for (let i = 0; i < text.length; i++) {
    const char = text.charCodeAt(i);
    if (char === QUOTE) i = endOfString(text, i);
    else if (char === BRACE || char === BRACKET) {
      values++;
      if (++depth > maxDepth) return { reason: "tooDeep", message: `nested deeper than ${maxDepth} levels` };
    } else if (char === COMMA) values++;
    else if (char === BRACE_END || char === BRACKET_END) depth--;
  }
  return values > maxValues ? { reason: "invalid", message: `more than ${maxValues} values` } : null;
}

const [QUOTE, BACKSLASH, COMMA, BRACE, BRACE_END, BRACKET, BRACKET_END] = [0x22, 0x5c, 0x2c, 0x7b, 0x7d, 0x5b, 0x5d];

/** The index of the closing quote; the end of the text if there is none. */
function endOfString(text: string, from: number): number {
  for (let end = text.indexOf('"', from + 1); end >= 0; end = text.indexOf('"', end + 1)) {
    let escapes = 0;
    while (text.charCodeAt(end - 1 - escapes) === BACKSLASH) escapes++;
    if (escapes % 2 === 0) return end;
  }
  return text.length;
}
