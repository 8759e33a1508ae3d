import { createHash } from "node:crypto";
import type { CaseFile, CaseLanguage, CaseSet, DiffCase } from "./diffCase.ts";
import { expandEdits } from "./markup.ts";

const LANGUAGES: Readonly<Record<string, readonly CaseLanguage[]>> = {
  js: ["javascript"],
  ts: ["typescript"],
  "js+ts": ["javascript", "typescript"],
  py: ["python"],
  ex: ["elixir"],
};
const DEFAULT_PATH: Readonly<Record<CaseLanguage, string>> = {
  javascript: "src/app.js",
  typescript: "src/app.ts",
  python: "app/views.py",
  elixir: "lib/shop/page.ex",
};
const SEED = "selfheal-diffs-1";

/** One part of a case: a file's path and flags, and its text with markup. */
interface Part {
  header: string;
  lines: string[];
}

/** A case as it stands in a text file. */
interface Draft {
  kind: string;
  languages: readonly CaseLanguage[];
  title: string;
  parts: Part[];
  facts: Map<string, string>;
}

/** Whether the cases of a kind are measured without being looked at: one bit of a hash of its name. */
export function isHeldOut(kind: string): boolean {
  return ((createHash("sha256").update(`${SEED}:${kind}`).digest()[0] ?? 0) & 1) === 1;
}

/**
 * Reads a text file of cases:
 * - `=== kind` starts a kind, `--- js+ts | title` a case of it (`js`, `ts`, `js+ts`, `py`, `ex`);
 * - `>>> path` starts a file (`>>> repo path`: one that the patch leaves alone; `mode=120000`, `base=100644` are modes);
 *   without it the text is the language's usual file; `markup.ts` has the markup of the text;
 * - `crash:`, `suite:` are `shown`; `asks:` the shape that asks by design; `error:` is `Type: message`.
 *
 * @throws Error if a line belongs to no case, or if a case has no place of the crash.
 */
export function readCases(set: CaseSet, text: string): DiffCase[] {
  return drafts(text).flatMap((draft) => draft.languages.map((language) => caseOf(set, draft, language)));
}

function drafts(text: string): Draft[] {
  const all: Draft[] = [];
  let kind = "";
  for (const line of text.split("\n")) {
    const draft = all.at(-1);
    if (line.startsWith("=== ")) kind = line.slice(4).trim();
    else if (line.startsWith("--- ")) all.push(emptyDraft(kind, line));
    else if (draft === undefined) {
      if (line.trim() !== "" && !line.startsWith("# ")) throw new Error(`a line before the first case: ${line}`);
    } else if (line.startsWith(">>> ")) draft.parts.push({ header: line.slice(4).trim(), lines: [] });
    else addLine(draft, line);
  }
  return all;
}

function emptyDraft(kind: string, line: string): Draft {
  const [tag = "", title = ""] = line.slice(4).split(" | ");
  const languages = LANGUAGES[tag.trim()];
  if (languages === undefined || title.trim() === "") throw new Error(`not a case's head: ${line}`);
  return { kind, languages, title: title.trim(), parts: [], facts: new Map() };
}

function addLine(draft: Draft, line: string): void {
  const fact = /^(crash|suite|asks|error): (.*)$/.exec(line);
  if (fact !== null) {
    draft.facts.set(fact[1] ?? "", fact[2] ?? "");
    return;
  }
  if (draft.parts.length === 0) draft.parts.push({ header: "", lines: [] });
  draft.parts.at(-1)?.lines.push(line);
}

function caseOf(set: CaseSet, draft: Draft, language: CaseLanguage): DiffCase {
  const derived = draft.languages.length > 1 && language === "typescript";
  const files: CaseFile[] = [];
  const repository: Record<string, string> = {};
  let crash: DiffCase["crash"] | null = null;
  for (const part of draft.parts) {
    const typed = derived ? withTypes(textOf(part)) : textOf(part);
    const { path: named, flags } = readHeader(part.header);
    const path = derived ? named.replace(/\.js(x?)$/, ".ts$1") : named || DEFAULT_PATH[language];
    const edited = expandEdits(typed);
    if (flags.repository) repository[path] = edited.before;
    else files.push({ path, ...sidesOf(typed), ...flags.modes });
    if (edited.crashAt !== null) crash = crashAt(path, edited.before, edited.crashAt, language, draft.facts);
  }
  const name = `${draft.kind}: ${draft.title} (${language})`;
  if (crash === null) throw new Error(`${name} has no place of the crash`);
  const { facts } = draft;
  const shown = { crash: facts.get("crash") ?? "", suite: facts.get("suite") ?? "" };
  const asks = facts.get("asks");
  return {
    set,
    kind: draft.kind,
    name,
    language,
    files,
    crash,
    ...(Object.keys(repository).length > 0 && { repository }),
    ...(shown.crash !== "" && { shown }),
    ...(asks !== undefined && { asks }),
    heldOut: isHeldOut(draft.kind),
  };
}

/** The text of a part, ending in one line break. */
function textOf(part: Part): string {
  return `${part.lines.join("\n").trimEnd()}\n`;
}

/** The sides of a file. A text that is one deletion is a file that goes; one that is one insertion is one that comes. */
export function sidesOf(marked: string): { before: string | null; after: string | null } {
  const { before, after } = expandEdits(marked);
  const comes = marked.startsWith("{+") && before.trim() === "";
  const goes = marked.startsWith("{-") && after.trim() === "";
  return { before: comes ? null : before, after: goes ? null : after };
}

/** Reads `repo src/a.js mode=120000`: the path, and what is said about it. */
export function readHeader(header: string) {
  const words = header.split(" ").filter((word) => word !== "");
  const path = words.filter((word) => word !== "repo" && modeOf(word).length === 0).join(" ");
  const modes: { mode?: string; baseMode?: string } = Object.fromEntries(words.flatMap(modeOf));
  return { path, flags: { repository: words[0] === "repo", modes } };
}

function modeOf(word: string): [string, string][] {
  const mode = /^(mode|base)=(\d{6})$/.exec(word);
  return mode === null ? [] : [[mode[1] === "base" ? "baseMode" : "mode", mode[2] ?? ""]];
}

/** The same code as TypeScript: each plain parameter of a declared function gets a type. */
function withTypes(text: string): string {
  const typed = text.replace(/(\bfunction \w+\()([\w, ]+)(\))/g, (_all, head: string, names: string, end: string) => {
    return `${head}${names.replace(/\w+/g, "$&: any")}${end}: any`;
  });
  return typed.replace(/(from "\.\.?\/[^"]+)\.js"/g, '$1.ts"');
}

function crashAt(
  path: string,
  before: string,
  at: number,
  language: CaseLanguage,
  facts: Map<string, string>,
): DiffCase["crash"] {
  const above = before.slice(0, at);
  const [type = "", message = ""] = split(facts.get("error") ?? usualError(language, before.slice(at)));
  const named = functionAround(above);
  return {
    path,
    line: above.split("\n").length,
    ...((language === "javascript" || language === "typescript") && { column: at - above.lastIndexOf("\n") }),
    ...(named !== undefined && { function: named }),
    type,
    message,
  };
}

function split(error: string): [string, string] {
  const colon = error.indexOf(": ");
  return [error.slice(0, colon), error.slice(colon + 2)];
}

function usualError(language: CaseLanguage, rest: string): string {
  const word = /^[\w$?!]+/.exec(rest)?.[0] ?? "value";
  if (language === "python") return `AttributeError: 'NoneType' object has no attribute '${word}'`;
  if (language === "elixir") return `KeyError: key :${word} not found in: nil`;
  return `TypeError: Cannot read properties of undefined (reading '${word}')`;
}

/** The name of the last function or method declared above the crash. */
function functionAround(above: string): string | undefined {
  const declared =
    /(?:\bfunction\*?\s+(\w+)|\bconst (\w+) = (?:async )?\(?[\w, ={}:]*\)?\s*=>|^\s+(?:async |static )*(\w+)\([^()]*\) \{$|\bdefp? ([\w?!]+)|\bdef (\w+))/gm;
  const found = [...above.matchAll(declared)]
    .at(-1)
    ?.slice(1)
    .find((name) => name !== undefined);
  return found === "if" || found === "for" || found === "while" || found === "switch" ? undefined : found;
}
