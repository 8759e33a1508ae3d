import type { RepairLanguage } from "../language.ts";
import { elixirCandidates } from "./candidates.ts";

/** Elixir as a language of the repair engine. */
export const elixir: RepairLanguage = { name: "elixir", candidates: elixirCandidates };
