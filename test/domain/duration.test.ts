import { expect, it } from "vitest";
import { describeDuration } from "../../src/domain/duration.ts";

it.each([
  [0, "0 ms"],
  [-5, "0 ms"],
  [210.4, "210 ms"],
  [1000, "1 s"],
  [1840, "1.8 s"],
  [9999, "9.9 s"],
  [42_000, "42 s"],
  [60_000, "1 min"],
  [3_599_999, "59 min"],
  [7_200_000, "2 h"],
  [172_800_000, "2 d"],
])("%d ms is %s", (ms, words) => {
  expect(describeDuration(ms)).toBe(words);
});
