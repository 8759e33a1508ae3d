import { parse, registerDynamicLanguage } from "@ast-grep/napi";
import type { Grammar, RepairLanguage } from "./language.ts";
import { LANGUAGES } from "./otherLanguages.ts";
import { isScript, lineStarts, parseSource, type Source } from "./source.ts";

/** Longer files are data. JavaScript has the same limit. */
const MAX_LENGTH = 1_500_000;

let usable: ReadonlySet<RepairLanguage> | undefined;

/** The language of a file beside JavaScript, if this machine has its grammar; else null. */
export function otherLanguageOf(path: string): RepairLanguage | null {
  const extension = /\.([a-z]+)$/.exec(path)?.[1] ?? "";
  const language = LANGUAGES.find(({ extensions }) => extensions.includes(extension));
  return language !== undefined && usableLanguages().has(language) ? language : null;
}

/** Whether the engine can parse files of this language. */
export function isRepairable(path: string): boolean {
  return isScript(path) || otherLanguageOf(path) !== null;
}

/** Parses a file of any language the engine knows; null for other languages and for files over the size limit. */
export function parseAny(path: string, text: string): Source | null {
  return parseSource(path, text) ?? parseOther(path, text);
}

function parseOther(path: string, text: string): Source | null {
  const language = otherLanguageOf(path);
  if (language === null || text.length > MAX_LENGTH) return null;
  return { path, text, root: parse(language.name, text).root(), lines: lineStarts(text) };
}

/** Grammars are native code, built for the commonest machines only. A missing one costs its language and nothing else. */
function usableLanguages(): ReadonlySet<RepairLanguage> {
  if (usable !== undefined) return usable;
  const found = new Map<RepairLanguage, Grammar>();
  for (const language of LANGUAGES) {
    try {
      found.set(language, registration(language.grammar()));
    } catch {
      // No grammar for this machine.
    }
  }
  // ast-grep allows this once in a process.
  registerDynamicLanguage(Object.fromEntries([...found].map(([{ name }, grammar]) => [name, grammar])));
  usable = new Set(found.keys());
  return usable;
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
