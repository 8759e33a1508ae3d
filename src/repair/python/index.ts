import { createRequire } from "node:module";
import type { RepairLanguage } from "../language.ts";
import { pythonCandidates } from "./candidates.ts";

const require = createRequire(import.meta.url);

/** Python as a language of the repair engine. */
export const python: RepairLanguage = {
  name: "python",
  extensions: ["py"],
  grammar: () => require("@ast-grep/lang-python"),
  candidates: pythonCandidates,
};
