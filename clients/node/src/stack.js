import { fileURLToPath } from "node:url";

const MAX_FRAMES = 50;
const MAX_LINE = 1024;

/** @typedef {{file: string, function: string | undefined, line: number, column: number}} Frame */

/** Parses the app's own frames from a V8 stack, newest first. @param {string} stack @returns {Frame[]} */
export function appFrames(stack) {
  const frames = [];
  for (const line of stack.split("\n")) {
    if (frames.length >= MAX_FRAMES) break;
    const found = line.length > MAX_LINE ? null : /^ {4}at (?:(.+) \()?([^()]+):(\d+):(\d+)\)?$/.exec(line);
    const [, name, file = "", row, column] = found ?? [];
    if (isApp(file)) frames.push({ file, function: name, line: Number(row), column: Number(column) });
  }
  return frames;
}

/** @param {string} file */
function isApp(file) {
  return /^(?:file:|[/\\]|[A-Za-z]:[/\\])/.test(file) && !/[\\/]node_modules[\\/]/.test(file);
}

/**
 * Whether two files are the same: V8 names an ES module by URL, and a CommonJS module by path. @param {string} a @param
 * {string} b
 */
export function isSameFile(a, b) {
  return a === b || pathOf(a) === pathOf(b);
}

/** @param {string} file */
export function pathOf(file) {
  if (!file.startsWith("file:")) return file;
  try {
    return fileURLToPath(file);
  } catch {
    return file;
  }
}
