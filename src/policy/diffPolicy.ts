import type { Finding } from "../domain/evidence.ts";
import { revealed, withoutEmojiJoiners } from "../domain/plainText.ts";
import type { Policy } from "../domain/service.ts";
import { codeHits, MAX_LINE, touchesGuard } from "./codeRules.ts";
import { protectionOf } from "./protectedPaths.ts";
import { testFindings } from "./testChanges.ts";
import { belongsTo, isTestPath } from "./testPaths.ts";
import { type ChangedLine, type FileChange, readDiff } from "./unifiedDiff.ts";

/** What `reviewDiff` compares a diff with. */
export interface DiffRules {
  /** The Plan's files. Tests named after them are allowed too. */
  allowedFiles: readonly string[];
  policy: Pick<Policy, "maxFiles" | "maxLines" | "protectedPaths">;
}

/**
 * Checks a diff before any model reads it. A hard finding refuses the Patch: the repair of a crash never needs it. A
 * soft finding means that a person must look. A diff that cannot be read to its last line is refused too. Never throws.
 * The rules are in docs/gates.md.
 *
 * @example
 * reviewDiff(diff, { allowedFiles: ["src/cart.js"], policy: { maxFiles: 3, maxLines: 60, protectedPaths: [] } });
 * // [{ rule: "outsidePlan", weight: "soft", path: "src/user.js", line: 0, message: "src/user.js is not in the plan" }]
 */
export function reviewDiff(diff: string, rules: DiffRules): Finding[] {
  const read = readDiff(diff);
  if (read.kind === "unreadable") return [hard("unreadableDiff", "", read.line, read.reason)];
  return [...tooMuch(read.files, rules), ...read.files.flatMap((change) => fileFindings(change, rules))];
}

function tooMuch(files: readonly FileChange[], { policy }: DiffRules): Finding[] {
  const paths = new Set(files.map(pathOf));
  const lines = files.reduce((sum, { added, removed }) => sum + added.length + removed.length, 0);
  const found: Finding[] = [];
  if (paths.size > policy.maxFiles)
    found.push(soft("tooManyFiles", "", 0, `${paths.size} files; at most ${policy.maxFiles} go without a person`));
  if (lines > policy.maxLines)
    found.push(soft("tooManyLines", "", 0, `${lines} changed lines; at most ${policy.maxLines} go without a person`));
  return found;
}

function fileFindings(change: FileChange, rules: DiffRules): Finding[] {
  return [
    ...change.paths.flatMap((path) => pathFindings(path, rules)),
    ...formFindings(change),
    ...hiddenText(change),
    ...testFindings(change),
    ...codeFindings(change),
  ];
}

function pathFindings(path: string, { allowedFiles, policy }: DiffRules): Finding[] {
  if (leavesTree(path)) return [hard("pathEscape", path, 0, "the path leaves the tree, or reaches into .git")];
  if (revealed(path) !== path) return [hard("invisibleUnicode", path, 0, `the path reads ${revealed(path)}`)];
  const found: Finding[] = [];
  const protection = protectionOf(path, policy.protectedPaths);
  if (protection !== null) found.push(soft("protectedPath", path, 0, `${path} is ${protection}`));
  if (!belongsTo(allowedFiles, path)) found.push(soft("outsidePlan", path, 0, `${path} is not in the plan`));
  return found;
}

/**
 * Whether a path leaves the tree. Only forward slashes are allowed. On file systems with short names, `git~1` is
 * another name of `.git`.
 */
function leavesTree(path: string): boolean {
  if (path === "" || path.startsWith("/") || path.includes("\\") || /^[a-z]:/i.test(path)) return true;
  return path.split("/").some((s) => s === "" || s === "." || s === ".." || /^(?:\.git|git~\d+)[. ]*$/i.test(s));
}

/** Findings about the form of a file entry: links, modes, binary content, deletion. */
function formFindings(change: FileChange): Finding[] {
  const path = pathOf(change);
  const found: Finding[] = [];
  if (change.modes.includes("120000")) found.push(hard("symlink", path, 0, "a symbolic link"));
  if (change.modes.includes("160000")) found.push(hard("submodule", path, 0, "a submodule"));
  if (change.newMode === "100755" && change.oldMode !== "100755")
    found.push(hard("executableMode", path, 0, "becomes executable"));
  if (change.modes.some((mode) => !["100644", "100755", "120000", "160000"].includes(mode)))
    found.push(hard("unreadableDiff", path, 0, "an unknown file mode"));
  if (change.binary) found.push(hard("binaryPatch", path, 0, "a binary change, which nobody can read"));
  if (change.kind === "deleted" && !isTestPath(path)) found.push(soft("deletedFile", path, 0, "deletes the file"));
  return found;
}

/** Finds invisible characters that the removed lines did not contain. */
function hiddenText(change: FileChange): Finding[] {
  const before = new Set(change.removed.flatMap(({ text }) => hiddenIn(text)));
  const hit = change.added.find(({ text }) => hiddenIn(text).some((char) => !before.has(char)));
  if (hit === undefined) return [];
  return [hard("invisibleUnicode", pathOf(change), hit.line, `hides ${hiddenIn(hit.text).slice(0, 5).join(" ")}`)];
}

/** A carriage return at the end of a line is a normal line ending and is visible. */
function hiddenIn(text: string): string[] {
  const line = withoutEmojiJoiners(text.replace(/\r$/, ""));
  const shown = revealed(line);
  return shown === line ? [] : (shown.match(/⟨U\+[0-9A-F]{4,6}⟩/g) ?? []);
}

/** A whole line that is a comment runs nothing. Comments that tools obey are judged by the closed list. */
const COMMENT_LINE = /^\s*(?:\/\/|#\s)(?!.*(?:@ts-|eslint|biome|noqa|credo))/;

function codeFindings(change: FileChange): Finding[] {
  const path = pathOf(change);
  const code = lookedAt(change).filter(({ text }) => !COMMENT_LINE.test(text));
  const found = codeHits(code, change.removed).map((hit) => soft(hit.rule, path, hit.line, hit.message));
  const guard = guardLine(change);
  if (guard !== null) found.push(soft("guardTouched", path, guard, "is about who may do what"));
  const long = change.added.find(({ text }) => text.length > MAX_LINE);
  if (long !== undefined) found.push(soft("longLine", path, long.line, `longer than ${MAX_LINE} characters`));
  return found;
}

/** A new test must import its test framework: that alone is no new dependency. */
const TEST_FRAMEWORK =
  /^(?:import\b[^"'();]*\bfrom\s*|const\s+[\w{}, ]+=\s*require\()["'](?:node:test|vitest|@jest\/globals|mocha|chai|should|ava|tap)["']\)?;?$/;

function lookedAt({ kind, newPath, added }: FileChange): readonly ChangedLine[] {
  if (kind !== "added" || newPath === null || !isTestPath(newPath)) return added;
  return added.filter(({ text }) => !TEST_FRAMEWORK.test(text.trim()));
}

function guardLine({ added, removed, sections }: FileChange): number | null {
  const touched: ChangedLine | undefined = [...added, ...removed].find(({ text }) => touchesGuard(text));
  if (touched !== undefined) return touched.line;
  return sections.some(touchesGuard) ? (added[0]?.line ?? removed[0]?.line ?? 0) : null;
}

function pathOf(change: FileChange): string {
  return change.newPath ?? change.oldPath ?? "";
}

function hard(rule: string, path: string, line: number, message: string): Finding {
  return { rule, weight: "hard", path: revealed(path), line, message };
}

function soft(rule: string, path: string, line: number, message: string): Finding {
  return { rule, weight: "soft", path, line, message };
}
