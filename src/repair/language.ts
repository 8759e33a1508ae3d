import type { Candidate, RepairInput } from "./candidate.ts";
import type { Source } from "./source.ts";

/** A tree-sitter grammar as an `@ast-grep/lang-*` package exports it. */
export interface Grammar {
  libraryPath: string;
  extensions: string[];
  languageSymbol?: string;
  expandoChar?: string;
}

/**
 * A language beside JavaScript that the engine repairs. To add one, add a folder that exports a RepairLanguage, and name
 * it in `otherLanguages.ts`.
 */
export interface RepairLanguage {
  /** The name that ast-grep parses it by. */
  readonly name: string;
  /** File extensions without the dot. */
  readonly extensions: readonly string[];
  /** Loads the grammar. Throws where this machine has none: then files of the language are not repaired. */
  grammar(): Grammar;
  /** Candidates for a crash at the newest frame of the repository. `texts`: the crashing file first, then its neighbours. */
  candidates(input: RepairInput, source: Source, texts: readonly string[]): Candidate[];
}
