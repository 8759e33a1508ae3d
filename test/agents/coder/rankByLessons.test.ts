import { describe, expect, it } from "vitest";
import { rankByLessons } from "../../../src/agents/coder/rankByLessons.ts";
import type { Lesson, Recollection } from "../../../src/domain/lesson.ts";
import type { Candidate } from "../../../src/repair/candidate.ts";

const candidate = (template: string, score: number): Candidate => ({
  template,
  score,
  edits: [],
  explanation: "",
  hides: false,
  effect: "",
});

const recollection = (by: string, outcome: Lesson["outcome"], similarity = 100): Recollection => ({
  similarity,
  kind: outcome === "held" || outcome === "edited" ? "example" : "warning",
  lesson: {
    id: "3f0d4b52-7f6c-4f0e-9a53-2f1d1a0b7c11",
    ticketId: "t",
    service: "shop",
    outcome,
    at: 0,
    families: [],
    titles: [],
    culprits: [],
    files: [],
    by,
    patchDigest: "",
    diff: "",
    note: "",
  },
});

describe("memory in the ranking", () => {
  it.each([
    ["a form that held rises", "nullGuard:and", 70, [recollection("rules:nullGuard:and", "held")], 76],
    ["its family rises half as far", "nullGuard:or", 70, [recollection("rules:nullGuard:and", "held")], 73],
    ["less alike, less far", "nullGuard:and", 70, [recollection("rules:nullGuard:and", "held", 50)], 73],
    ["a form that was turned down sinks", "nullGuard:and", 70, [recollection("rules:nullGuard:and", "rejected")], 58],
    ["so does one that was taken back", "nullGuard:and", 70, [recollection("rules:nullGuard:and", "reverted")], 58],
    ["a weak guess does not rise", "nullGuard:and", 58, [recollection("rules:nullGuard:and", "held")], 58],
    ["another form stays", "defaultValue", 70, [recollection("rules:nullGuard:and", "held")], 70],
    ["a person's or a model's patch says nothing", "nullGuard:and", 70, [recollection("person:ada", "edited")], 70],
  ])("%s", (_, template, score, recollections, expected) => {
    expect(rankByLessons([candidate(template, score)], recollections, 60)[0]?.score).toBe(expected);
  });
});
