import { existsSync, readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { ROOT } from "./pages.ts";

const page = readFileSync(join(ROOT, "AGENTS.md"), "utf8");

/** The first cell of each row of the table under a heading. */
function firstCells(heading: string): string[] {
  const [, rest = ""] = page.split(`\n## ${heading}\n`);
  const section = rest.split("\n## ")[0] ?? "";
  return [...section.matchAll(/^\| (.+?) \|/gm)].map((match) => match[1] ?? "");
}

describe("AGENTS.md", () => {
  it("has a row for every folder of src, and for no other", () => {
    const rows = firstCells("The folders").flatMap((cell) => [...cell.matchAll(/`(src\/[^`]+)`/g)].map((m) => m[1]));
    const folders = readdirSync(join(ROOT, "src")).map((name) => `src/${name}`);
    expect([...rows].sort()).toEqual(folders.sort());
  });

  it("says who may import whom as the import rules do", () => {
    const config = createRequire(import.meta.url)("../../.dependency-cruiser.cjs") as {
      forbidden: { name: string; comment?: string }[];
    };
    const rules = config.forbidden.flatMap(({ name, comment = "" }) => {
      const allowed = /^\w+ may import only: (.*)$/.exec(comment)?.[1];
      return allowed === undefined
        ? []
        : [[name.replace(/-imports$/, ""), allowed.split(", ").slice(1).sort()] as const];
    });
    const [, map = ""] = page.split("\n## The folders\n");
    const rows = [...(map.split("\n## ")[0] ?? "").matchAll(/^\| `src\/(\w+)` \| .+ \| ([^|]+) \|$/gm)];
    const said = rows.map(
      ([, folder = "", cell = ""]) => [folder, cell.trim() === "–" ? [] : cell.trim().split(", ").sort()] as const,
    );
    expect(Object.fromEntries(said)).toEqual(Object.fromEntries(rules));
  });

  it("names the folders inside a folder as they are", () => {
    const [, map = ""] = page.split("\n## The folders\n");
    for (const row of (map.split("\n## ")[0] ?? "").matchAll(/^\| `(src\/\w+)` \| (.+?) \| [^|]+ \|$/gm)) {
      const [, folder = "", sentence = ""] = row;
      const named = [...sentence.matchAll(/`([\w.]+\/?)`/g)].map((match) => match[1] ?? "");
      const missing = named.filter((name) => /\/$|\.ts$/.test(name) && !existsSync(join(ROOT, folder, name)));
      expect(missing, folder).toEqual([]);
    }
  });

  it("says where each thing is added, in files that are there", () => {
    const [, howTo = ""] = page.split("\n## How to add …\n");
    const paths = [...howTo.matchAll(/`((?:src|test)\/[\w/.]+)`/g)].map((match) => match[1] ?? "");
    expect(paths.length).toBeGreaterThan(20);
    expect(paths.filter((path) => !existsSync(join(ROOT, path)))).toEqual([]);
  });
});
