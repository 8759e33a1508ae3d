import { createRequire } from "node:module";
import type { RepairLanguage } from "../language.ts";
import { elixirCandidates } from "./candidates.ts";

const require = createRequire(import.meta.url);

/** Elixir as a language of the repair engine. */
export const elixir: RepairLanguage = {
  name: "elixir",
  extensions: ["ex", "exs"],
  grammar: () => require("@ast-grep/lang-elixir"),
  candidates: elixirCandidates,
};
