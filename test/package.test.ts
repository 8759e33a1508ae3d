import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";

const ROOT = fileURLToPath(new URL("..", import.meta.url));

/** The files that npm would pack, without building anything first. */
function packed(): Set<string> {
  const args = ["pack", "--dry-run", "--json", "--ignore-scripts", "--loglevel=error"];
  const [{ files }] = JSON.parse(execFileSync("npm", args, { cwd: ROOT, encoding: "utf8" }));
  return new Set((files as { path: string }[]).map(({ path }) => path));
}

/** But for .gitignore, which npm keeps to itself. */
function filesIn(dir: string): string[] {
  const entries = readdirSync(`${ROOT}/${dir}`, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile() && entry.name !== ".gitignore");
  return files.map((entry) => relative(ROOT, join(entry.parentPath, entry.name)));
}

it("the package holds the command, and what the demo needs beside it; no sources and no tests of ours", () => {
  const files = packed();
  const { bin } = JSON.parse(readFileSync(`${ROOT}/package.json`, "utf8"));
  expect(files).toContain(bin.selfheal);
  // Everything of the app that the demo makes a repository of, and the client that it reports with.
  for (const path of ["examples/history.mjs", ...filesIn("examples/shop"), ...filesIn("clients/node/src")])
    expect(files).toContain(path);
  // Where src/ is, the command takes itself for a clone, and installs.
  expect([...files].filter((path) => /^(?:src|test|bench|eval|cases|scripts)\//.test(path))).toEqual([]);
});
