import { createRequire } from "node:module";
import { parse, registerDynamicLanguage } from "@ast-grep/napi";
import { isScript, lineStarts, parseSource, type Source } from "./source.ts";

/** Languages beside JavaScript's that are repaired; each has a grammar of its own. */
export type OtherLanguage = "python" | "elixir";

const EXTENSIONS: Record<string, OtherLanguage> = { py: "python", ex: "elixir", exs: "elixir" };
/** As for JavaScript: larger files are data. */
const MAX_LENGTH = 1_500_000;

let usable: ReadonlySet<OtherLanguage> | undefined;

/** The other language of a file, where this machine has its grammar; null otherwise. */
export function otherLanguageOf(path: string): OtherLanguage | null {
  const language = EXTENSIONS[/\.([a-z]+)$/.exec(path)?.[1] ?? ""];
  return language !== undefined && grammars().has(language) ? language : null;
}

/** Whether the engine knows the language of the file. */
export function isRepairable(path: string): boolean {
  return isScript(path) || otherLanguageOf(path) !== null;
}

/** Parses a file of any language that the engine knows; null for others. */
export function parseAny(path: string, text: string): Source | null {
  return parseSource(path, text) ?? parseOther(path, text);
}

/** Parses a Python or Elixir file; null for anything else. */
function parseOther(path: string, text: string): Source | null {
  const language = otherLanguageOf(path);
  if (language === null || text.length > MAX_LENGTH) return null;
  return { path, text, root: parse(language, text).root(), lines: lineStarts(text) };
}

/** Grammars are native code, built for the commonest machines only: one that is missing costs its language, and nothing else. */
function grammars(): ReadonlySet<OtherLanguage> {
  if (usable !== undefined) return usable;
  const require = createRequire(import.meta.url);
  const found = new Map<OtherLanguage, ReturnType<typeof registration>>();
  const load: Record<OtherLanguage, () => Grammar> = {
    python: () => require("@ast-grep/lang-python"),
    elixir: () => require("@ast-grep/lang-elixir"),
  };
  for (const language of ["python", "elixir"] as const) {
    try {
      found.set(language, registration(load[language]()));
    } catch {
      // No grammar for this machine.
    }
  }
  // May be called once in a process.
  registerDynamicLanguage(Object.fromEntries(found));
  usable = new Set(found.keys());
  return usable;
}

interface Grammar {
  libraryPath: string;
  extensions: string[];
  languageSymbol?: string;
  expandoChar?: string;
}

/** Reads the path of the native library now, which throws where there is none. */
function registration({ libraryPath, extensions, languageSymbol, expandoChar }: Grammar): Grammar {
  return {
    libraryPath,
    extensions,
    ...(languageSymbol !== undefined && { languageSymbol }),
    ...(expandoChar !== undefined && { expandoChar }),
  };
}
