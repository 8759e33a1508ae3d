import type { Patch } from "../../domain/patch.ts";
import type { Plan } from "../../domain/plan.ts";
import type { Workspace } from "../../domain/ports/workspace.ts";
import type { CodeContext } from "../../domain/ticket.ts";
import { isSecretFile } from "../../policy/editablePaths.ts";

const MAX_CITED = 5;
const MAX_NAMES = 3;
const MAX_PLACES = 8;
/** Limits of the search for callers: files, and characters of each. */
const MAX_FILES = 3000;
const MAX_LENGTH = 400_000;
const SOURCE = /\.(?:[cm]?[jt]sx?|vue|svelte|py|exs?|rb|go|php)$/;

/**
 * The crashing lines, and the callers of the functions that a diff changes. Files that may hold secrets are not read. The
 * workspace must be at the base.
 */
export async function codeContextOf(
  workspace: Workspace,
  { plan, patch, diff }: { plan: Plan | null; patch: Patch; diff: string },
): Promise<CodeContext> {
  const read = async (path: string) => (isSecretFile(path) ? null : workspace.read(path).catch(() => null));
  const cited = [];
  for (const { file, line } of (plan?.places ?? []).slice(0, MAX_CITED)) {
    const text = (await read(file))?.split("\n")[line - 1];
    if (text !== undefined) cited.push({ file, line, text: text.trim().slice(0, 300) });
  }
  const names = changedFunctions(diff, plan, patch);
  const callers = new Map(names.map((name) => [name, { name, places: [], more: 0 } as Caller]));
  if (names.length > 0) {
    const files = (await workspace.files()).filter((file) => SOURCE.test(file)).slice(0, MAX_FILES);
    for (const file of files) search(file, (await read(file)) ?? "", callers);
  }
  return { baseCommit: workspace.baseCommit, cited, callers: [...callers.values()] };
}

type Caller = CodeContext["callers"][number];

function search(file: string, text: string, callers: Map<string, Caller>): void {
  if (text.length > MAX_LENGTH) return;
  for (const [name, caller] of callers) {
    if (!text.includes(name)) continue;
    const call = new RegExp(`(?<![\\w$])${escaped(name)}\\s*\\(`);
    const definition = new RegExp(
      `\\b(?:function\\*?|def|defp|func|fn)\\s+${escaped(name)}\\b|(?<![\\w$.])${escaped(name)}\\s*\\([^()]*\\)\\s*\\{\\s*$`,
    );
    for (const [i, line] of text.split("\n").entries()) {
      if (!call.test(line) || definition.test(line)) continue;
      if (caller.places.length >= MAX_PLACES) caller.more += 1;
      else caller.places.push({ file, line: i + 1, text: line.trim().slice(0, 300) });
    }
  }
}

const NAMED =
  /\b(?:function\*?|def|defp|func)\s+([\w$]{3,})|([\w$]{3,})\s*(?:=|:)\s*(?:async\s*)?(?:function|\([^()]*\)\s*=>)|^\s*(?:async\s+)?([\w$]{3,})\s*\([^()]*\)\s*\{/;

/** Names from git's hunk headers, and from the first frame in a changed file. */
function changedFunctions(diff: string, plan: Plan | null, patch: Patch): string[] {
  const hunks = [...diff.matchAll(/^@@ [^@]*@@ (.*)$/gm)].map((match) => NAMED.exec(match[1] ?? ""));
  const named = hunks.map((match) => match?.[1] ?? match?.[2] ?? match?.[3]);
  const frames = (plan?.places ?? [])
    .filter((place) => patch.files.includes(place.file))
    .slice(0, 1)
    .map((place) => place.function?.split(".").at(-1));
  const names = [...frames, ...named].filter((name) => name !== undefined && /^[\w$]{3,}$/.test(name));
  return [...new Set(names as string[])].filter((name) => !KEYWORDS.has(name)).slice(0, MAX_NAMES);
}

const KEYWORDS = new Set(["for", "while", "switch", "catch", "anonymous", "function", "return", "constructor"]);

function escaped(name: string): string {
  return name.replace(/[$]/g, "\\$&");
}
