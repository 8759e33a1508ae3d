import { messageOf } from "../../domain/errors.ts";

/** What a model may look for. A pattern is taken literally unless `regex` is set. */
export interface SearchOptions {
  pattern: string;
  regex?: boolean;
  ignoreCase?: boolean;
}

export type SearchPattern = { kind: "pattern"; matches(line: string): boolean } | { kind: "refused"; reason: string };

const MAX_PATTERN = 200;
/** Characters of a line that an expression looks at. */
const MAX_LINE = 1000;

/** Compiles what to look for. An expression may take any time: run it within a limit (withinTime). */
export function searchPattern({ pattern, regex = false, ignoreCase = false }: SearchOptions): SearchPattern {
  if (pattern === "") return { kind: "refused", reason: "the pattern is empty" };
  if (pattern.length > MAX_PATTERN)
    return { kind: "refused", reason: `the pattern is longer than ${MAX_PATTERN} characters` };
  if (!regex) {
    const fold = (text: string) => (ignoreCase ? text.toLowerCase() : text);
    const wanted = fold(pattern);
    return { kind: "pattern", matches: (line) => fold(line).includes(wanted) };
  }
  try {
    const compiled = new RegExp(pattern, ignoreCase ? "i" : "");
    return { kind: "pattern", matches: (line) => compiled.test(line.slice(0, MAX_LINE)) };
  } catch (error) {
    return { kind: "refused", reason: messageOf(error) };
  }
}

/** A glob (`**`, `*`, `?`) over repository-relative paths; a pattern without a slash means the name in any folder. */
export function globPattern(glob: string): SearchPattern {
  if (glob.length > MAX_PATTERN)
    return { kind: "refused", reason: `the glob is longer than ${MAX_PATTERN} characters` };
  const anywhere = glob.includes("/") ? glob.replace(/^\.?\//, "") : `**/${glob}`;
  const source = anywhere
    .split(/(\*\*\/|\*\*|\*|\?)/)
    .map((part) => GLOB_PARTS[part] ?? part.replace(/[.+^${}()|[\]\\]/g, "\\$&"))
    .join("");
  const compiled = new RegExp(`^${source}$`);
  return { kind: "pattern", matches: (path) => compiled.test(path) };
}

const GLOB_PARTS: Record<string, string> = { "**/": "(?:[^/]+/)*", "**": ".*", "*": "[^/]*", "?": "[^/]" };
