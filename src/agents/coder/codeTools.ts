import { distance } from "fastest-levenshtein";
import { z } from "zod";
import type { Workspace } from "../../domain/ports.ts";
import { numbered } from "../briefing.ts";
import { isSecretFile } from "../reach.ts";
import { oneLine, type Quoter } from "../untrusted.ts";
import { say, show, type Tool, tool } from "./tool.ts";

/** The tree as the tools see it. */
export interface Ground {
  workspace: Workspace;
  /** Files at the base; nothing else can be named. */
  tracked: readonly string[];
  /** null when the file can be edited; else why not. */
  refusal(file: string): string | null;
  /** Called after every edit. */
  onEdit(file: string): void;
  quoter: Quoter;
}

const MAX_LINES = 250;
const MAX_HITS = 40;
const MAX_PATHS = 200;
const MAX_SEARCHED = 3000;

const path = z.string().describe("repository-relative path");

/** Lists, reads, searches and edits: all files can be read but those of secrets, and few can be changed. */
export function createCodeTools(ground: Ground): Tool[] {
  return [listFiles(ground), readFile(ground), search(ground), edit(ground)];
}

function listFiles({ tracked, quoter }: Ground): Tool {
  const parameters = z.object({ folder: z.string().optional() });
  return tool("list_files", "Lists files, all or those below a folder.", parameters, async (args) => {
    const folder = (args.folder ?? "").replace(/^\.?\/*|\/*$/g, "");
    const files = tracked.filter((file) => folder === "" || file.startsWith(`${folder}/`));
    const more = files.length > MAX_PATHS ? [`… and ${files.length - MAX_PATHS} more`] : [];
    return show(quoter, "files", [...files.slice(0, MAX_PATHS), ...more].join("\n") || "none");
  });
}

function readFile(ground: Ground): Tool {
  const what = `Reads up to ${MAX_LINES} lines of a file. Each starts with its number and "| ", which are not part of it.`;
  const parameters = z.object({ path, from_line: z.number().int().min(1).optional() });
  return tool("read_file", what, parameters, async (args) => {
    const text = await textOf(ground, args.path);
    const from = args.from_line ?? 1;
    const label = `${args.path}, ${text.split("\n").length} lines`;
    return show(ground.quoter, label, numbered(text, from, from + MAX_LINES - 1));
  });
}

function search({ workspace, tracked, quoter }: Ground): Tool {
  const parameters = z.object({ text: z.string().min(2) });
  return tool("search", "Finds a text (not a pattern) in all files.", parameters, async (args) => {
    const hits: string[] = [];
    for (const file of tracked.filter((f) => !isSecretFile(f)).slice(0, MAX_SEARCHED)) {
      if (hits.length >= MAX_HITS) break;
      const text = await workspace.read(file).catch(() => "");
      if (!text.includes(args.text)) continue;
      const lines = text.split("\n").map((line, i) => ({ line, at: i + 1 }));
      const found = lines.filter(({ line }) => line.includes(args.text));
      hits.push(...found.map(({ line, at }) => `${file}:${at}: ${line.trim().slice(0, 200)}`));
    }
    return show(quoter, "hits", hits.slice(0, MAX_HITS).join("\n") || "none");
  });
}

function edit(ground: Ground): Tool {
  const what =
    "Replaces a text that is in the file exactly once. Copy it from read_file without the numbers, indentation included.";
  const parameters = z.object({ path, search: z.string().min(1), replace: z.string() });
  return tool("edit", what, parameters, async ({ path: file, ...texts }) => {
    const refusal = ground.refusal(file);
    if (refusal !== null) return say(`refused: ${oneLine(file, 120)} ${refusal}`);
    const text = await textOf(ground, file);
    const [wanted, replacement] = [withLineEnds(texts.search, text), withLineEnds(texts.replace, text)];
    const count = text.split(wanted).length - 1;
    if (count !== 1) return say(`not changed: the text is ${count === 0 ? "not" : `${count} times`} in ${file}`);
    if (wanted === replacement) return say("not changed: both texts are the same");
    await ground.workspace.write(
      file,
      text.replace(wanted, () => replacement),
    );
    ground.onEdit(file);
    return say(`${file} is changed; run_tests comes next`);
  });
}

async function textOf({ workspace, tracked }: Ground, file: string): Promise<string> {
  const name = oneLine(file, 120);
  if (!tracked.includes(file)) throw new Error(`there is no ${name}; near: ${near(file, tracked)}`);
  if (isSecretFile(file)) throw new Error(`${name} may hold secrets and is not shown`);
  return workspace.read(file);
}

function near(file: string, tracked: readonly string[]): string {
  const byDistance = tracked.map((other) => ({ other, d: distance(file.slice(0, 200), other) }));
  const best = byDistance.sort((a, b) => a.d - b.d).slice(0, 3);
  return best.map(({ other }) => other).join(", ") || "nothing";
}

/** Models write \n, whatever the file has. */
function withLineEnds(text: string, like: string): string {
  return like.includes("\r\n") ? text.replace(/\r?\n/g, "\r\n") : text;
}
