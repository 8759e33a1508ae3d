import { createRequire } from "node:module";

const require = createRequire(import.meta.url);

/** A tree-sitter grammar as an `@ast-grep/lang-*` package exports it. */
export interface Grammar {
  libraryPath: string;
  extensions: string[];
  languageSymbol?: string;
  expandoChar?: string;
}

/** A language beside JavaScript and TypeScript that can be parsed. */
export interface OtherLanguage {
  /** The name that ast-grep parses it by. */
  readonly name: "python" | "elixir";
  /** File extensions without the dot. */
  readonly extensions: readonly string[];
  /** Loads the grammar. Throws where this machine has none: then files of the language cannot be read. */
  grammar(): Grammar;
}

/** The languages beside JavaScript and TypeScript. */
export const OTHER_LANGUAGES: readonly OtherLanguage[] = [
  { name: "python", extensions: ["py"], grammar: () => require("@ast-grep/lang-python") },
  { name: "elixir", extensions: ["ex", "exs"], grammar: () => require("@ast-grep/lang-elixir") },
];
