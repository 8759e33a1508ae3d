import { messageOf } from "../../domain/errors.ts";

/** A search by a model. The pattern is literal text unless `regex` is set. */
export interface SearchOptions {
  pattern: string;
  regex?: boolean;
  ignoreCase?: boolean;
}

/** A compiled pattern, or why it was refused. */
export type SearchPattern = { kind: "pattern"; matches(line: string): boolean } | { kind: "refused"; reason: string };

const MAX_PATTERN = 200;
/** Characters of each line that a regular expression is matched against. */
const MAX_LINE = 1000;

/** Compiles a search. A regular expression may take arbitrarily long, so run `matches` inside withTimeout. */
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

/**
 * Compiles a glob (`**`, `*`, `?`) over repository-relative paths. A glob without a slash matches the name in any
 * folder.
 */
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
