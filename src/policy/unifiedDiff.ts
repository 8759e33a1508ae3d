/** A changed line. `line` counts from 1: in the new file for an added line, in the old file for a removed one. */
export interface ChangedLine {
  line: number;
  text: string;
}

/** The changes of a diff to one file. */
export interface FileChange {
  /** Every path the entry names, old and new. Rules check all of them, so that no path can hide behind another. */
  paths: string[];
  oldPath: string | null;
  newPath: string | null;
  kind: "added" | "deleted" | "modified" | "renamed" | "copied";
  oldMode: string | null;
  newMode: string | null;
  /** Every file mode the entry names. */
  modes: string[];
  binary: boolean;
  added: ChangedLine[];
  removed: ChangedLine[];
  /** The function or section that git prints after `@@`, one per hunk. */
  sections: string[];
}

/** A diff as read by `readDiff`. */
export type ReadDiff =
  | { kind: "read"; files: FileChange[] }
  /** `line` counts from 1 in the diff. */
  | { kind: "unreadable"; line: number; reason: string };

/**
 * Parses the output of `git diff` completely, or not at all. A lenient parser may overlook a file that `git apply` then
 * writes, which a gate must not. (diff2html, which only displays diffs here, drops unknown lines and never counts a
 * hunk's lines.) Never throws.
 *
 * @example
 * const read = readDiff(diff);
 * if (read.kind === "read") for (const { newPath, added } of read.files) console.log(newPath, added.length);
 */
export function readDiff(diff: string): ReadDiff {
  const lines = diff.split("\n");
  if (lines.at(-1) === "") lines.pop();
  const files: FileChange[] = [];
  let at = 0;
  while (at < lines.length) {
    const entry = readEntry(lines, at);
    if (typeof entry === "string") return { kind: "unreadable", line: at + 1, reason: entry };
    files.push(entry.change);
    at = entry.next;
  }
  if (files.length === 0) return { kind: "unreadable", line: 1, reason: "the diff is empty" };
  return { kind: "read", files };
}

/** Reads one `diff --git` entry from line `start`. Returns a string that describes the fault if it is malformed. */
function readEntry(lines: readonly string[], start: number): { change: FileChange; next: number } | string {
  const names = headerNames(lines[start] ?? "");
  if (names === null) return "expected a line `diff --git a/… b/…`";
  const change = emptyChange(names);
  let at = start + 1;
  for (; at < lines.length; at += 1) {
    const line = lines[at] ?? "";
    if (line.startsWith("@@ ") || line.startsWith("diff --git ")) break;
    if (line === "GIT binary patch") {
      change.binary = true;
      while (at + 1 < lines.length && !lines[at + 1]?.startsWith("diff --git ")) at += 1;
    } else if (!readHeader(line, change)) return `header of ${change.newPath}: line ${at + 1} is not understood`;
  }
  while (lines[at]?.startsWith("@@ ")) {
    const next = readHunk(lines, at, change);
    if (next === null) return `hunk of ${change.newPath} at line ${at + 1} does not have the lines it announces`;
    at = next;
  }
  return { change, next: at };
}

function emptyChange([oldPath, newPath]: readonly [string, string]): FileChange {
  const sides = { paths: unique([oldPath, newPath]), oldPath, newPath, oldMode: null, newMode: null, modes: [] };
  return { ...sides, kind: "modified", binary: false, added: [], removed: [], sections: [] };
}

const HEADERS: ReadonlyArray<[RegExp, (change: FileChange, value: string) => boolean]> = [
  [/^old mode (\d{6})$/, (c, mode) => moded(c, mode, { oldMode: mode })],
  [/^new mode (\d{6})$/, (c, mode) => moded(c, mode, { newMode: mode })],
  [/^deleted file mode (\d{6})$/, (c, mode) => moded(c, mode, { oldMode: mode, newPath: null, kind: "deleted" })],
  [/^new file mode (\d{6})$/, (c, mode) => moded(c, mode, { newMode: mode, oldPath: null, kind: "added" })],
  [/^(?:dis)?similarity index (\d{1,3}%)$/, () => true],
  [
    /^index [0-9a-f]+\.\.[0-9a-f]+(?: (\d{6}))?$/,
    (c, mode) => mode === "" || moded(c, mode, { oldMode: mode, newMode: mode }),
  ],
  [/^rename from (.+)$/, (c, name) => named(c, "oldPath", name, "renamed")],
  [/^rename to (.+)$/, (c, name) => named(c, "newPath", name, "renamed")],
  [/^copy from (.+)$/, (c, name) => named(c, "oldPath", name, "copied")],
  [/^copy to (.+)$/, (c, name) => named(c, "newPath", name, "copied")],
  [/^--- (.+)$/, (c, name) => side(c, "oldPath", name, "a/")],
  [/^\+\+\+ (.+)$/, (c, name) => side(c, "newPath", name, "b/")],
  [/^Binary files (.+) differ$/, (c) => set(c, { binary: true })],
];

function readHeader(line: string, change: FileChange): boolean {
  for (const [pattern, take] of HEADERS) {
    const match = pattern.exec(line);
    if (match !== null) return take(change, match[1] ?? "");
  }
  return false;
}

function set(change: FileChange, values: Partial<FileChange>): true {
  Object.assign(change, values);
  return true;
}

function moded(change: FileChange, mode: string, values: Partial<FileChange>): true {
  change.modes.push(mode);
  return set(change, values);
}

function named(change: FileChange, key: "oldPath" | "newPath", raw: string, kind: FileChange["kind"]): boolean {
  const path = unquote(raw);
  if (path === null) return false;
  return set(change, { [key]: path, kind, paths: unique([...change.paths, path]) });
}

/** `--- a/x` or `+++ b/x`. Git appends a tab to a name that contains a space. */
function side(change: FileChange, key: "oldPath" | "newPath", raw: string, prefix: string): boolean {
  const path = unquote(raw.replace(/\t$/, ""));
  if (path === "/dev/null") return change[key] === null;
  if (path === null || !path.startsWith(prefix)) return false;
  return set(change, { [key]: path.slice(2), paths: unique([...change.paths, path.slice(2)]) });
}

/** Reads one hunk by the line counts in its header. null when the lines do not match the counts. */
function readHunk(lines: readonly string[], start: number, change: FileChange): number | null {
  const head = /^@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@ ?(.*)$/s.exec(lines[start] ?? "");
  if (head === null) return null;
  let [oldLine, newLine] = [Number(head[1]), Number(head[3])];
  const [oldEnd, newEnd] = [oldLine + Number(head[2] ?? 1), newLine + Number(head[4] ?? 1)];
  change.sections.push(head[5] ?? "");
  let at = start + 1;
  for (; oldLine < oldEnd || newLine < newEnd; at += 1) {
    const line = lines[at];
    if (line?.startsWith("\\ ")) continue;
    if (line?.startsWith("+")) change.added.push({ line: newLine++, text: line.slice(1) });
    else if (line?.startsWith("-")) change.removed.push({ line: oldLine++, text: line.slice(1) });
    else if (line?.startsWith(" ")) [oldLine, newLine] = [oldLine + 1, newLine + 1];
    else return null;
  }
  if (lines[at]?.startsWith("\\ ")) at += 1;
  return oldLine === oldEnd && newLine === newEnd ? at : null;
}

/**
 * The two names of `diff --git a/x b/y`. Names with a space are quoted, or equal, or repeated in the entry's rename
 * lines.
 */
function headerNames(line: string): [string, string] | null {
  const rest = line.startsWith("diff --git ") ? line.slice(11) : "";
  const two = /^("(?:[^"\\]|\\.)*"|\S+) ("(?:[^"\\]|\\.)*"|\S+)$/s.exec(rest);
  const half = (rest.length - 1) / 2;
  const same = rest.slice(2, half) === rest.slice(half + 3);
  const at = same ? half : rest.indexOf(" b/");
  const [before, after] = two === null ? [rest.slice(0, at), rest.slice(at + 1)] : [two[1] ?? "", two[2] ?? ""];
  const [oldName, newName] = [unquote(before), unquote(after)];
  return oldName?.startsWith("a/") && newName?.startsWith("b/") ? [oldName.slice(2), newName.slice(2)] : null;
}

const ESCAPES: Readonly<Record<string, number>> = { a: 7, b: 8, t: 9, n: 10, v: 11, f: 12, r: 13, '"': 34, "\\": 92 };

/** Decodes git's C-style quoting (`"a/\303\244.js"`, octal bytes of UTF-8). null when it is not well-formed. */
function unquote(raw: string): string | null {
  if (!raw.startsWith('"')) return raw;
  if (raw.length < 2 || !raw.endsWith('"')) return null;
  const bytes: number[] = [];
  const parts = raw.slice(1, -1).match(/\\[0-3][0-7]{2}|\\.|[^\\]+/gs) ?? [];
  for (const part of parts) {
    const code = /^\\[0-7]{3}$/.test(part) ? Number.parseInt(part.slice(1), 8) : ESCAPES[part.slice(1)];
    if (!part.startsWith("\\")) bytes.push(...Buffer.from(part, "utf8"));
    else if (code === undefined) return null;
    else bytes.push(code);
  }
  return Buffer.from(bytes).toString("utf8");
}

function unique(paths: readonly string[]): string[] {
  return [...new Set(paths)];
}
