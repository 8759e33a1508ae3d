import type { Source } from "../../syntax/source.ts";
import type { Candidate, RepairInput } from "../candidate.ts";
import { type OtherSite, proposed } from "../proposals.ts";
import { readElixirCrash } from "./crashKinds.ts";
import { locateElixir } from "./locateCrash.ts";
import { elixirProposals } from "./templates.ts";

/** Candidates for a crash of Elixir code, at the newest in-repository frame. `texts`: the file and its neighbours. */
export function elixirCandidates(input: RepairInput, source: Source, texts: readonly string[]): Candidate[] {
  const [place] = input.places;
  const crash = readElixirCrash(input.exception);
  if (place === undefined || crash === null) return [];
  return locateElixir(source, place.line, crash)
    .slice(0, 3)
    .flatMap((found) => {
      const site: OtherSite = { source, place, texts, ...found };
      return elixirProposals(site, crash).map((proposal) => proposed(site, proposal));
    })
    .filter((candidate) => candidate !== null);
}
