import type { Source } from "../../syntax/source.ts";
import type { Candidate, RepairInput } from "../candidate.ts";
import type { OtherSite } from "../proposals.ts";
import { proposed } from "../proposals.ts";
import { readPythonCrash } from "./crashKinds.ts";
import { locatePython } from "./locateCrash.ts";
import { pythonProposals } from "./templates.ts";

/** Candidates for a crash of Python code, at the newest in-repository frame. `texts`: the file and its neighbours. */
export function pythonCandidates(input: RepairInput, source: Source, texts: readonly string[]): Candidate[] {
  const [place] = input.places;
  const crash = readPythonCrash(input.exception);
  if (place === undefined || crash === null) return [];
  return locatePython(source, place, crash)
    .slice(0, 3)
    .flatMap((found) => {
      const site: OtherSite = { source, place, texts, ...found };
      return pythonProposals(site, crash).map((proposal) => proposed(site, proposal));
    })
    .filter((candidate) => candidate !== null);
}
