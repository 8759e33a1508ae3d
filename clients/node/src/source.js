import { readFileSync, statSync } from "node:fs";
import { pathOf } from "./stack.js";

const AROUND = 5;
const MAX_LINE = 200;
const MAX_FILE = 1_000_000;
const MAX_KEPT = 200;
/** Bundled and minified code has long lines, whose text is not useful. */
const MAX_COLUMN = 1000;

/** @typedef {{context_line: string, pre_context: string[], post_context: string[]}} Source */

/** Source lines by `file:line`; null for lines that cannot be read. @type {Map<string, Source | null>} */
const kept = new Map();

/**
 * The source lines around a frame. They are read at the first request and then cached. null if the file is missing, too
 * large, or newer than this process, because the process then runs other code.
 * @param {import("./stack.js").Frame} frame
 * @returns {Source | null}
 */
export function sourceAround({ file, line, column }) {
  if (column > MAX_COLUMN) return null;
  const place = `${file}:${line}`;
  let source = kept.get(place);
  if (source !== undefined) return source;
  source = read(pathOf(file), line);
  if (kept.size >= MAX_KEPT) kept.clear();
  kept.set(place, source);
  return source;
}

/** @param {string} path @param {number} line @returns {Source | null} */
function read(path, line) {
  try {
    const { size, mtimeMs } = statSync(path);
    if (size > MAX_FILE || mtimeMs > performance.timeOrigin) return null;
    const lines = readFileSync(path, "utf8").split("\n");
    const cut = (/** @type {number} */ from, /** @type {number} */ to) =>
      lines.slice(Math.max(0, from), Math.max(0, to)).map((text) => text.slice(0, MAX_LINE));
    const [here] = cut(line - 1, line);
    if (here === undefined) return null;
    return {
      context_line: here,
      pre_context: cut(line - 1 - AROUND, line - 1),
      post_context: cut(line, line + AROUND),
    };
  } catch {
    return null;
  }
}
