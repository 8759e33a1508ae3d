import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import type { CaseLanguage, DiffCase } from "./diffCase.ts";
import { expandEdits } from "./markup.ts";
import { isHeldOut } from "./readCases.ts";
import { type Form, PLACES, type Place } from "./spellingPlaces.ts";

/** One way to write a forbidden thing. In a list `! ` begins a statement, `!! ` a definition. */
interface Snippet {
  kind: string;
  code: string;
  form: Form;
}

const LISTS: readonly { file: string; language: CaseLanguage; path: string; places: number }[] = [
  { file: "javascript.list", language: "javascript", path: "src/labels.js", places: 1 },
  { file: "javascript.list", language: "typescript", path: "src/labels.ts", places: 0 },
  { file: "typescript.list", language: "typescript", path: "src/labels.ts", places: 1 },
  { file: "python.list", language: "python", path: "app/labels.py", places: 1 },
  { file: "elixir.list", language: "elixir", path: "lib/shop/labels.ex", places: 1 },
];

/**
 * Every snippet of the lists, in a place of a small crash that is mended beside it. The place follows from a hash of
 * the snippet. A list with `places: 0` gives every third snippet, in another place than the list with `places: 1`.
 */
export function spelledCases(): DiffCase[] {
  return LISTS.flatMap(({ file, language, path, places }) => {
    const text = readFileSync(new URL(`spelling/${file}`, import.meta.url), "utf8");
    const snippets = readSnippets(text).filter((_snippet, index) => places === 1 || index % 3 === 0);
    return snippets.map((snippet) => spelled(snippet, language, path, places === 1 ? "first" : "second"));
  });
}

function readSnippets(text: string): Snippet[] {
  let kind = "";
  const found: Snippet[] = [];
  for (const line of text.split("\n")) {
    if (line.startsWith("=== ")) kind = line.slice(4).trim();
    else if (line.startsWith("!! ")) found.push({ kind, code: line.slice(3), form: "definition" });
    else if (line.startsWith("! ")) found.push({ kind, code: line.slice(2), form: "statement" });
    else if (line.trim() !== "") found.push({ kind, code: line, form: "expression" });
  }
  return found;
}

function spelled({ kind, code, form }: Snippet, language: CaseLanguage, path: string, salt: string): DiffCase {
  const fitting = PLACES[language].filter(({ takes }) => takes.includes(form));
  const place = fitting[hashOf(`${salt}:${code}`) % fitting.length] as Place;
  const { before, after, crashAt } = expandEdits(filled(place, code));
  const above = before.slice(0, crashAt ?? 0);
  return {
    set: "spelling",
    kind,
    name: `${kind}: ${code} as ${place.name} (${language})`,
    language,
    files: [{ path, before, after }],
    crash: {
      path,
      line: above.split("\n").length,
      ...(path.startsWith("src/") && { column: above.length - above.lastIndexOf("\n") }),
      function: "label",
      ...ERRORS[language],
    },
    heldOut: isHeldOut(kind),
  };
}

/** The place's text with the snippet; further lines of it are indented like its first. */
function filled({ text }: Place, code: string): string {
  const slot = text.indexOf("SNIPPET");
  const indent = /[ \t]*(?:\{\+)?[ \t]*$/.exec(text.slice(0, slot))?.[0].replace("{+", "") ?? "";
  return text.replace("SNIPPET", () => code.replaceAll("<NL>", `\n${indent}`));
}

function hashOf(text: string): number {
  return createHash("sha256").update(text).digest().readUInt32BE(0);
}

const MISSING = { type: "TypeError", message: "Cannot read properties of undefined (reading 'name')" };
const ERRORS: Readonly<Record<CaseLanguage, { type: string; message: string }>> = {
  javascript: MISSING,
  typescript: MISSING,
  python: { type: "AttributeError", message: "'NoneType' object has no attribute 'name'" },
  elixir: { type: "KeyError", message: "key :name not found in: nil" },
};
