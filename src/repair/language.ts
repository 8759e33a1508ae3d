import type { OtherLanguage } from "../syntax/languages.ts";
import type { Source } from "../syntax/source.ts";
import type { Candidate, RepairInput } from "./candidate.ts";

/**
 * A language beside JavaScript that the engine repairs. To add one, name its grammar in `src/syntax/languages.ts`, add a
 * folder that exports a RepairLanguage, and name it in `otherLanguages.ts`.
 */
export interface RepairLanguage {
  readonly name: OtherLanguage["name"];
  /** Candidates for a crash at the newest frame of the repository. `texts`: the crashing file first, then its neighbours. */
  candidates(input: RepairInput, source: Source, texts: readonly string[]): Candidate[];
}
