import { parse, registerDynamicLanguage } from "@ast-grep/napi";
import { type Grammar, OTHER_LANGUAGES, type OtherLanguage } from "./languages.ts";
import { isScript, lineStarts, parseSource, type Source } from "./source.ts";

/** Longer files are data. JavaScript has the same limit. */
const MAX_LENGTH = 1_500_000;

let usable: ReadonlySet<OtherLanguage> | undefined;

/** The language of a file beside JavaScript, if this machine has its grammar; else null. */
export function otherLanguageOf(path: string): OtherLanguage["name"] | null {
  const extension = /\.([a-z]+)$/.exec(path)?.[1] ?? "";
  const language = OTHER_LANGUAGES.find(({ extensions }) => extensions.includes(extension));
  return language !== undefined && usableLanguages().has(language) ? language.name : null;
}

/** Whether files of this language can be parsed here. */
export function isParsable(path: string): boolean {
  return isScript(path) || otherLanguageOf(path) !== null;
}

/** Parses a file of any known language; null for other languages and for files over the size limit. */
export function parseAny(path: string, text: string): Source | null {
  return parseSource(path, text) ?? parseOther(path, text);
}

function parseOther(path: string, text: string): Source | null {
  const language = otherLanguageOf(path);
  if (language === null || text.length > MAX_LENGTH) return null;
  return { path, text, root: parse(language, text).root(), lines: lineStarts(text) };
}

/** Grammars are native code, built for the commonest machines only. A missing one costs its language and nothing else. */
function usableLanguages(): ReadonlySet<OtherLanguage> {
  if (usable !== undefined) return usable;
  const found = new Map<OtherLanguage, Grammar>();
  for (const language of OTHER_LANGUAGES) {
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
