import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Likeness, recollections, SIMILAR, similarity } from "../../src/domain/lesson.ts";
import { lesson } from "../contract/lessonStore.ts";

const problem = (more: Partial<Likeness> = {}): Likeness => ({
  families: ["f"],
  titles: ["t"],
  culprits: ["c"],
  files: ["a.js"],
  ...more,
});

describe("how alike two problems are", () => {
  it.each<[string, Partial<Likeness>, number]>([
    ["the same family", { titles: [], culprits: [], files: [] }, 100],
    ["the same message in the same function", { families: ["x"], files: [] }, 80],
    ["the same message elsewhere", { families: ["x"], culprits: ["d"], files: [] }, 40],
    ["the same file only", { families: ["x"], titles: ["u"], culprits: ["d"] }, 20],
    ["nothing in common", { families: ["x"], titles: ["u"], culprits: ["d"], files: ["b.js"] }, 0],
    ["what is not known is not common", { families: ["x"], titles: [""], culprits: [""], files: [] }, 0],
  ])("%s", (_what, other, points) => {
    expect(
      similarity(
        problem(other.titles?.[0] === "" ? { families: ["f"], titles: [""], culprits: [""] } : {}),
        problem(other),
      ),
    ).toBe(points);
  });

  it("is the same both ways, and at most 100", () => {
    const names = fc.array(fc.constantFrom("a", "b", "c", ""), { maxLength: 3 });
    const any = fc.record({ families: names, titles: names, culprits: names, files: names });
    fc.assert(
      fc.property(any, any, (a, b) => {
        expect(similarity(a, b)).toBe(similarity(b, a));
        expect(similarity(a, b)).toBeLessThanOrEqual(100);
      }),
    );
  });
});

it("recalls the most alike first, of those the newest, as examples and warnings", () => {
  const lessons = [
    lesson("f", { at: 1, outcome: "rejected" }),
    lesson("f", { at: 2 }),
    lesson("x", { titles: ["t"], outcome: "reverted" }),
    lesson("y", { files: ["a.js"] }),
  ];
  const found = recollections(problem(), lessons, 10);
  expect(found.map((one) => [one.similarity, one.kind, one.lesson.at])).toEqual([
    [100, "example", 2],
    [100, "warning", 1],
    [SIMILAR, "warning", 1],
  ]);
  expect(recollections(problem(), lessons, 1)).toHaveLength(1);
});
