import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { execa } from "execa";
import { CASES } from "./case.ts";
import { capture } from "./prepare.ts";

/** A test framework whose regression tests are written, and a project that uses it. */
interface Project {
  name: string;
  /** Installed for the run; nothing for Node's own. */
  install: string | null;
  test: string;
  module: "esm" | "cjs";
  /** The test that the project has, in the framework's own words. */
  existing: string;
  /** What the written test must hold to be one of this framework. */
  mark: RegExp;
}

const CALL = 'cityOf({ address: { city: "Bern" } })';

const PROJECTS: readonly Project[] = [
  {
    name: "vitest",
    install: "vitest@3.2.4",
    test: "vitest run",
    module: "esm",
    existing: `import { expect, it } from "vitest";\nimport { cityOf } from "../src/users.js";\n\nit("names the city", () => {\n  expect(${CALL}).toBe("Bern");\n});\n`,
    mark: /from "vitest"[\s\S]*expect\(/,
  },
  {
    name: "jest",
    install: "jest@29.7.0",
    test: "jest",
    module: "cjs",
    existing: `const { cityOf } = require("../src/users.js");\n\ntest("names the city", () => {\n  expect(${CALL}).toBe("Bern");\n});\n`,
    mark: /(?:test|it)\([\s\S]*expect\(/,
  },
  {
    name: "mocha",
    install: "mocha@10.8.2",
    test: "mocha test",
    module: "cjs",
    existing: `const assert = require("assert");\nconst { cityOf } = require("../src/users.js");\n\ndescribe("users", () => {\n  it("names the city", () => {\n    assert.strictEqual(${CALL}, "Bern");\n  });\n});\n`,
    mark: /\bit\([\s\S]*assert/,
  },
  {
    name: "ava",
    install: "ava@6.2.0",
    test: "ava",
    module: "esm",
    existing: `import test from "ava";\nimport { cityOf } from "../src/users.js";\n\ntest("names the city", (t) => {\n  t.is(${CALL}, "Bern");\n});\n`,
    mark: /from "ava"[\s\S]*\bt\.\w+\(/,
  },
  {
    name: "tap",
    install: "tap@16.3.10",
    test: "tap --no-coverage test/*.js",
    module: "cjs",
    existing: `const t = require("tap");\nconst { cityOf } = require("../src/users.js");\n\nt.test("names the city", (t) => {\n  t.equal(${CALL}, "Bern");\n  t.end();\n});\n`,
    mark: /require\("tap"\)[\s\S]*\bt\.\w+\(/,
  },
  {
    name: "node:test",
    install: null,
    test: "node --test",
    module: "esm",
    existing: `import assert from "node:assert/strict";\nimport { test } from "node:test";\nimport { cityOf } from "../src/users.js";\n\ntest("names the city", () => {\n  assert.equal(${CALL}, "Bern");\n});\n`,
    mark: /from "node:test"[\s\S]*assert/,
  },
];

const BODY = `(user) {\n  return user.address.city ?? "unknown";\n}\n`;
const SOURCE = {
  esm: `export function cityOf${BODY}`,
  cjs: `function cityOf${BODY}\nmodule.exports = { cityOf };\n`,
};

/**
 * One small project a framework, with a crash and nothing that reproduces it: the engine writes the regression test, and the
 * framework itself is run on it, with the repair and without. false where one of them was not as it should be.
 */
export async function runFrameworks(only: string | undefined, cache: string): Promise<boolean> {
  let isFine = true;
  for (const project of PROJECTS.filter(
    (one) => only === undefined || only.split(",").some((word) => one.name.includes(word)),
  )) {
    const said = await healed(project, cache).catch((error: Error) => `failed: ${error.message.slice(0, 300)}`);
    isFine &&= said.startsWith("healed");
    console.log(`${project.name.padEnd(12)}${said.replace(/\s+/g, " ")}`);
  }
  return isFine;
}

async function healed(project: Project, cache: string): Promise<string> {
  const work = mkdtempSync(join(tmpdir(), "selfheal-framework-"));
  try {
    const repo = join(work, "repo");
    await make(project, repo, cache);
    const event = join(work, "event.json");
    const patch = join(work, "patch.diff");
    const uses =
      project.module === "esm"
        ? 'import { cityOf } from "./src/users.js";'
        : 'import users from "./src/users.js";\nconst { cityOf } = users;';
    writeFileSync(join(repo, "trigger.mjs"), `${uses}\ncityOf({});\n`);
    await capture(repo, event);
    rmSync(join(repo, "trigger.mjs"));
    const main = join(CASES, "..", "src", "cli", "index.ts");
    const heal = ["tsx", main, "heal", "--repo", repo, "--event", event, "--json", "--out", patch];
    const ran = await execa("npx", heal, { cwd: join(CASES, ".."), reject: false, timeout: 600_000 });
    if (ran.exitCode !== 0) return `not healed: ${reasonOf(ran.stdout) || ran.stderr.slice(-300)}`;
    return await judged(project, repo, readFileSync(patch, "utf8"), JSON.parse(ran.stdout).ticket.evidence?.grade);
  } finally {
    rmSync(work, { recursive: true, force: true, maxRetries: 5 });
  }
}

/** The framework's own word: green with the repair, red with the test alone. */
async function judged(project: Project, repo: string, diff: string, grade: string): Promise<string> {
  const test = /^\+\+\+ b\/(\S*(?:test|spec)\S*)$/m.exec(diff)?.[1];
  if (test === undefined) return "not healed: no test in the patch";
  const git = (...args: string[]) => execa("git", args, { cwd: repo, input: diff });
  await git("apply", "-");
  if (!project.mark.test(readFileSync(join(repo, test), "utf8")))
    return `wrong: ${test} is no test of ${project.name}: ${readFileSync(join(repo, test), "utf8").slice(0, 400)}`;
  const green = await suite(repo);
  await git("checkout", "-q", "src");
  const red = await suite(repo);
  if (green.exitCode !== 0) return `wrong: ${project.name} is red with the repair: ${green.stdout.slice(-300)}`;
  return red.exitCode === 0 ? `wrong: ${test} is green without the repair` : `healed at ${grade}, ${test}`;
}

function suite(repo: string) {
  return execa("npm", ["test", "--silent"], { cwd: repo, reject: false, timeout: 180_000, env: { CI: "1" } });
}

async function make(project: Project, repo: string, cache: string): Promise<void> {
  const [name = "", version = ""] = project.install?.split("@") ?? [];
  const manifest = {
    name: "svc",
    version: "1.0.0",
    ...(project.module === "esm" && { type: "module" }),
    scripts: { test: project.test },
    ...(project.install !== null && { devDependencies: { [name]: version } }),
  };
  const files = {
    "package.json": `${JSON.stringify(manifest, null, 2)}\n`,
    ".gitignore": "node_modules\n",
    "src/users.js": SOURCE[project.module],
    "test/users.test.js": project.existing,
  };
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(repo, path)), { recursive: true });
    writeFileSync(join(repo, path), text);
  }
  if (project.install !== null) symlinkSync(await installed(project.install, cache), join(repo, "node_modules"));
  const git = (...args: string[]) =>
    execa("git", ["-c", "user.name=Cases", "-c", "user.email=cases@example.com", ...args], { cwd: repo });
  await git("init", "-q", "-b", "main");
  await git("add", "-A");
  await git("commit", "-q", "-m", `A project that uses ${project.name}`);
}

/** The framework in a folder of the cache, installed once. */
async function installed(what: string, cache: string): Promise<string> {
  const dir = join(cache, `framework-${what.replace("@", "-")}`);
  mkdirSync(dir, { recursive: true });
  writeFileSync(join(dir, "package.json"), '{ "name": "framework", "private": true }\n');
  const flags = ["--ignore-scripts", "--no-audit", "--no-fund", "--silent"];
  await execa("npm", ["install", ...flags, what], { cwd: dir });
  return join(dir, "node_modules");
}

function reasonOf(stdout: string): string {
  try {
    return String(JSON.parse(stdout).reason);
  } catch {
    return "";
  }
}
