/** A grammar of JavaScript's family, by the name that ast-grep gives it. */
export type ScriptLanguage = "JavaScript" | "TypeScript" | "Tsx";

const LANGUAGES: Readonly<Record<string, ScriptLanguage>> = {
  js: "JavaScript",
  cjs: "JavaScript",
  mjs: "JavaScript",
  jsx: "JavaScript",
  ts: "TypeScript",
  mts: "TypeScript",
  cts: "TypeScript",
  tsx: "Tsx",
};

/** The language of a file by its extension, in any case; undefined for files of other languages. */
export function scriptLanguageOf(path: string): ScriptLanguage | undefined {
  return LANGUAGES[/\.([a-z]+)$/i.exec(path)?.[1]?.toLowerCase() ?? ""];
}
