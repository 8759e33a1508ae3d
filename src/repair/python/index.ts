import type { RepairLanguage } from "../language.ts";
import { pythonCandidates } from "./candidates.ts";

/** Python as a language of the repair engine. */
export const python: RepairLanguage = { name: "python", candidates: pythonCandidates };
