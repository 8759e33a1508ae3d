/** What a model may look for. A pattern is taken literally unless `regex` is set. */
export interface SearchOptions {
  pattern: string;
  regex?: boolean;
  ignoreCase?: boolean;
}

export type SearchPattern = { kind: "pattern"; matches(line: string): boolean } | { kind: "refused"; reason: string };

const MAX_PATTERN = 200;
/** With lines of at most this many characters, two unbounded repetitions cost at worst a million steps a line. */
const MAX_LINE = 1000;
const MAX_REPETITIONS = 2;

/**
 * Compiles a pattern that cannot run away: no references back or around, no repeated group, at most two unbounded
 * repetitions, and only the first 1000 characters of a line.
 */
export function searchPattern({ pattern, regex = false, ignoreCase = false }: SearchOptions): SearchPattern {
  if (pattern === "") return { kind: "refused", reason: "the pattern is empty" };
  if (pattern.length > MAX_PATTERN)
    return { kind: "refused", reason: `the pattern is longer than ${MAX_PATTERN} characters` };
  if (!regex) {
    const fold = (text: string) => (ignoreCase ? text.toLowerCase() : text);
    const wanted = fold(pattern);
    return { kind: "pattern", matches: (line) => fold(line).includes(wanted) };
  }
  const fault = slowness(pattern);
  if (fault !== null) return { kind: "refused", reason: `${fault}; search for a plain text instead` };
  try {
    const compiled = new RegExp(pattern, ignoreCase ? "iu" : "u");
    return { kind: "pattern", matches: (line) => compiled.test(line.slice(0, MAX_LINE)) };
  } catch (error) {
    return { kind: "refused", reason: error instanceof Error ? error.message : "it is no regular expression" };
  }
}

/** Why an expression might not run in bounded time, or null. */
function slowness(pattern: string): string | null {
  const plain = pattern.replace(/\\[^1-9k]/g, "x").replace(/\[(?:\\.|[^\]\\])*\]/g, "x");
  if (/\\[1-9k]/.test(plain)) return "references back are not allowed";
  if (/\(\?(?!:)/.test(plain)) return "lookarounds and named groups are not allowed";
  if (/\)[*+?{]/.test(plain)) return "a repeated group is not allowed";
  if (/\{\d+\}|\{\d+,\d*\}/.test(plain)) return "counted repetitions are not allowed";
  const repetitions = plain.match(/[*+]/g)?.length ?? 0;
  return repetitions > MAX_REPETITIONS ? `more than ${MAX_REPETITIONS} repetitions are not allowed` : null;
}

/** A glob (`**`, `*`, `?`) over repository-relative paths; a pattern without a slash means the name in any folder. */
export function globPattern(glob: string): SearchPattern {
  if (glob.length > MAX_PATTERN || (glob.match(/\*+/g)?.length ?? 0) > 6) {
    return { kind: "refused", reason: "the glob is too long or has too many stars" };
  }
  const anywhere = glob.includes("/") ? glob.replace(/^\.?\//, "") : `**/${glob}`;
  const source = anywhere
    .split(/(\*\*\/|\*\*|\*|\?)/)
    .map((part) => GLOB_PARTS[part] ?? part.replace(/[.+^${}()|[\]\\]/g, "\\$&"))
    .join("");
  const compiled = new RegExp(`^${source}$`);
  return { kind: "pattern", matches: (path) => compiled.test(path) };
}

const GLOB_PARTS: Record<string, string> = { "**/": "(?:[^/]+/)*", "**": ".*", "*": "[^/]*", "?": "[^/]" };
