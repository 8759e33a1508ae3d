import { z } from "zod";
import { SelfhealError } from "../../../domain/errors.ts";
import type { Workspace } from "../../../domain/ports/workspace.ts";
import { isSecretFile } from "../../../policy/editablePaths.ts";
import { nearestPaths, readRange } from "../../../tools/editing/readRange.ts";
import { replaceOnce } from "../../../tools/editing/replaceOnce.ts";
import { globPattern, type SearchOptions, searchPattern } from "../../../tools/editing/search.ts";
import { withTimeout } from "../../../tools/sandbox/withTimeout.ts";
import { oneLine, type Quoter } from "../../prompting/untrustedText.ts";
import { say, show, type Tool, tool } from "./tool.ts";

/** The workspace as the tools see it. */
export interface Ground {
  workspace: Workspace;
  /** Files at the base; the tools accept no other path. */
  tracked: readonly string[];
  quoter: Quoter;
}

interface EditRules {
  /** Why the file cannot be edited; null: it can. */
  refusal(file: string): string | null;
  /** Called after every edit. */
  onEdit(file: string): void;
}

const MAX_HITS = 40;
const MAX_HIT_LENGTH = 200;
const MAX_PATHS = 200;
const MAX_SEARCHED = 3000;
/** Files that are searched at once. */
const CHUNK = 50;
/** Limit of one pattern on one chunk, milliseconds: the process does nothing else in that time. */
const MAX_MATCHING_MS = 250;

const path = z.string().describe("repository-relative path");
const glob = z.string().optional().describe("e.g. src/**/*.js; without a slash: a name in any folder");

/** Creates the tools that list, read and search. Every file can be read except those of secrets. */
export function createReadTools(ground: Ground): Tool[] {
  return [listFiles(ground), readFile(ground), search(ground)];
}

function listFiles({ tracked, quoter }: Ground): Tool {
  return tool("list_files", "Lists files, all or some.", z.object({ glob }), async (args) => {
    const files = chosen(tracked, args.glob);
    const more = files.length > MAX_PATHS ? [`… and ${files.length - MAX_PATHS} more`] : [];
    return show(quoter, "files", [...files.slice(0, MAX_PATHS), ...more].join("\n") || "none");
  });
}

function readFile(ground: Ground): Tool {
  const what = 'Reads lines of a file. Each starts with its number and "| ", which are not part of it.';
  const line = z.number().int().min(1).optional();
  const parameters = z.object({ path, from_line: line, to_line: line });
  return tool("read_file", what, parameters, async (args) => {
    const text = await textOf(ground, args.path);
    return show(ground.quoter, args.path, readRange(text, args.from_line, args.to_line));
  });
}

function search({ workspace, tracked, quoter }: Ground): Tool {
  const parameters = z.object({
    text: z.string().min(2),
    regex: z.boolean().optional().describe("the text is a regular expression"),
    ignore_case: z.boolean().optional(),
    glob,
  });
  return tool("search", "Finds lines in all files, or some.", parameters, async (args) => {
    const files = chosen(tracked, args.glob).filter((file) => !isSecretFile(file));
    const wanted = { pattern: args.text, regex: args.regex ?? false, ignoreCase: args.ignore_case ?? false };
    const hits = await hitsOf(workspace, files.slice(0, MAX_SEARCHED), wanted);
    const more = hits.length > MAX_HITS ? ["… and more: narrow the search"] : [];
    return show(quoter, "hits", [...hits.slice(0, MAX_HITS), ...more].join("\n") || "none");
  });
}

/** Creates the tool that edits the few files that may be changed. */
export function createEditTool(ground: Ground & EditRules): Tool {
  const what =
    "Replaces a text that is in the file exactly once. Copy it from read_file without the numbers, indentation included.";
  const parameters = z.object({ path, search: z.string().min(1), replace: z.string() });
  return tool("edit", what, parameters, async ({ path: file, ...texts }) => {
    const refusal = ground.refusal(file);
    if (refusal !== null) return say(`refused: ${oneLine(file, 120)} ${refusal}`);
    const result = replaceOnce(await textOf(ground, file), texts.search, texts.replace);
    if (result.kind === "refused" && result.excerpt === undefined) return say(`not changed: ${result.reason}`);
    if (result.kind === "refused") return show(ground.quoter, `not changed: ${result.reason}`, result.excerpt ?? "");
    await ground.workspace.write(file, result.content);
    ground.onEdit(file);
    return say(`${file} is changed in line ${result.line}; run_tests comes next`);
  });
}

async function textOf({ workspace, tracked }: Ground, file: string): Promise<string> {
  const name = oneLine(file, 120);
  if (!tracked.includes(file)) {
    const near = nearestPaths(file, tracked, 3).join(", ") || "nothing";
    throw new SelfhealError("fileNotFound", `there is no ${name}; near: ${near}`);
  }
  if (isSecretFile(file)) throw new SelfhealError("secretFile", `${name} may hold secrets and is not shown`);
  return workspace.read(file);
}

/** The files that match a glob. Throws SelfhealError `badPattern`. */
export function chosen(tracked: readonly string[], wanted = "**/*"): readonly string[] {
  const pattern = globPattern(wanted);
  if (pattern.kind === "refused") throw new SelfhealError("badPattern", pattern.reason);
  return inTime(() => tracked.filter(pattern.matches));
}

/**
 * Lines that match; stops after the chunk with which there are more than are shown. Throws SelfhealError `badPattern`.
 */
async function hitsOf(workspace: Workspace, files: readonly string[], wanted: SearchOptions): Promise<string[]> {
  const pattern = searchPattern(wanted);
  if (pattern.kind === "refused") throw new SelfhealError("badPattern", pattern.reason);
  const hits: string[] = [];
  for (let at = 0; at < files.length && hits.length <= MAX_HITS; at += CHUNK) {
    const texts = await Promise.all(
      files.slice(at, at + CHUNK).map(async (file) => ({ file, text: await workspace.read(file).catch(() => "") })),
    );
    hits.push(...inTime(() => texts.flatMap(({ file, text }) => matchesIn(file, text, pattern.matches))));
  }
  return hits;
}

function matchesIn(file: string, text: string, matches: (line: string) => boolean): string[] {
  return text
    .split("\n")
    .flatMap((line, i) => (matches(line) ? [`${file}:${i + 1}: ${line.trim().slice(0, MAX_HIT_LENGTH)}`] : []));
}

function inTime<T>(match: () => T): T {
  const done = withTimeout(MAX_MATCHING_MS, match);
  if (done.kind === "done") return done.value;
  throw new SelfhealError("badPattern", "the pattern takes too long: give a simpler one, or a plain text");
}
