import { expect, it } from "vitest";
import { questionOf } from "../../src/graph/apiHost.ts";

const q = { busy: false, open: ["q"] };
const busy = { busy: true, open: [] };
const idle = { busy: false, open: [] };

it.each([
  ["is open", [q], 1, "q"],
  ["is about to open", [busy, busy, q], 5, "q"],
  ["is open, with a run queued behind it", [{ busy: true, open: ["q"] }], 1, "q"],
  ["is nowhere", [idle], 5, null],
  ["does not come: the run went on to its end", [busy, idle], 5, null],
  ["does not come in time", [busy, busy], 2, null],
] as const)("the question %s", async (_, seen, looks, expected) => {
  const left = [...seen];
  const look = async () => {
    const next = left.shift();
    if (next === undefined) throw new Error("nobody scripted another look");
    return next;
  };
  expect(await questionOf(look, async () => undefined, looks)).toBe(expected);
  expect(left).toEqual([]);
});
