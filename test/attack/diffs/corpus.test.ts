import { expect, it } from "vitest";
import { isParsable, parseAny } from "../../../src/syntax/grammars.ts";
import { faultsIn } from "../../../src/syntax/source.ts";
import { allCases } from "./corpus.ts";
import type { DiffCase } from "./diffCase.ts";
import { faultsOfShown } from "./showCases.ts";

const cases = allCases();
const of = (set: DiffCase["set"]) => cases.filter((one) => one.set === set);

it("has the promised sizes, every name once, and about half of the kinds held out", () => {
  expect(new Set(cases.map(({ name }) => name)).size).toBe(cases.length);
  expect(of("hostile").length).toBeGreaterThanOrEqual(300);
  expect(new Set(of("hostile").map(({ kind }) => kind)).size).toBeGreaterThanOrEqual(60);
  expect(new Set(of("hostile").map(({ language }) => language)).size).toBe(4);
  expect(of("spelling").length).toBeGreaterThanOrEqual(300);
  expect(of("benign").length).toBeGreaterThanOrEqual(200);
  const kinds = new Map(cases.map(({ kind, heldOut }) => [kind, heldOut]));
  const share = [...kinds.values()].filter((heldOut) => heldOut).length / kinds.size;
  expect(share).toBeGreaterThan(0.35);
  expect(share).toBeLessThan(0.65);
});

it("is code that its language's grammar reads, before and after", () => {
  const faulty = cases.filter(({ kind, files }) =>
    files.some(
      ({ path, mode, before, after }) =>
        kind !== "shared input" &&
        mode !== "120000" &&
        isParsable(path) &&
        (faulted(path, before) || faulted(path, after)),
    ),
  );
  expect(faulty.map(({ name }) => name)).toEqual([]);
});

// `npx tsx test/attack/judgeDiffs.ts --check` runs them all.
it("crashes on the base where the case says, and is green on the patch, in every ninth case that runs", async () => {
  const shown = cases.filter((one) => one.shown !== undefined);
  expect(await faultsOfShown(shown.filter((_one, index) => index % 9 === 0))).toEqual([]);
});

function faulted(path: string, text: string | null): boolean {
  const source = text === null ? null : parseAny(path, text);
  return source !== null && faultsIn(source.root) > 0;
}
