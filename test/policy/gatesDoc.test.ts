import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { conditionNames } from "../../src/policy/gate.ts";

const read = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), "utf8");

describe("docs/gates.md", () => {
  const page = read("docs/gates.md");

  it("says what to do about every condition, in the gate's order", () => {
    const rows = [...page.matchAll(/^\| `(\w+)` \|/gm)].map((row) => row[1] ?? "");
    expect(rows.filter((name) => (conditionNames as readonly string[]).includes(name))).toEqual(conditionNames);
  });

  it("names every rule of the diff policy", () => {
    const source = ["diffPolicy", "codeRules", "testChanges"].map((file) => read(`src/policy/${file}.ts`)).join("\n");
    const names = [...source.matchAll(/(?:hard|soft)\("(\w+)"|rule: "(\w+)"|\? "(\w+Test)" : "(\w+Test)"/g)];
    const rules = new Set(names.flatMap((match) => match.slice(1).filter((name) => name !== undefined)));
    expect(rules.size).toBeGreaterThan(20);
    expect([...rules].filter((rule) => !page.includes(`\`${rule}\``))).toEqual([]);
  });
});
