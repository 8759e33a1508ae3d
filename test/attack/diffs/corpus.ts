import { readdirSync, readFileSync } from "node:fs";
import { companionCases } from "./companionCases.ts";
import type { CaseSet, DiffCase } from "./diffCase.ts";
import { readCases } from "./readCases.ts";
import { sharedCases } from "./sharedCases.ts";
import { spelledCases } from "./spelledCases.ts";

export const SETS: readonly CaseSet[] = ["hostile", "spelling", "benign"];

/** Every case, always in the same order. */
export function allCases(): DiffCase[] {
  return [...SETS.flatMap((set) => [...sharedCases(set), ...casesOf(set)]), ...companionCases(), ...spelledCases()];
}

function casesOf(set: CaseSet): DiffCase[] {
  const folder = new URL(`${set}/`, import.meta.url);
  const files = readdirSync(folder).filter((name) => name.endsWith(".txt"));
  return files.sort().flatMap((name) => readCases(set, readFileSync(new URL(name, folder), "utf8")));
}
