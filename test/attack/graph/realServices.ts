import { execFileSync } from "node:child_process";
import { makeTinyService, TINY_FILES, type TinyService } from "../../helpers/tinyService.ts";
import type { Tree } from "./repository.ts";
import { type AttackedService, COMMON } from "./services.ts";

const GUARDED = [
  "export function greet(user) {",
  '  if (user.limits.blocked.includes("vault")) return "not for you";',
  '  return "the vault is open";',
  "}",
  "",
].join("\n");

const GUARDED_TEST = [
  'import assert from "node:assert/strict";',
  'import { test } from "node:test";',
  'import { greet } from "../src/greet.js";',
  "",
  'test("blocked", () => assert.equal(greet({ limits: { blocked: ["vault"] } }), "not for you"));',
  'test("let in", () => assert.equal(greet({ limits: { blocked: [] } }), "the vault is open"));',
  "",
].join("\n");

/** What the attack lies about is in every repository; what runs is the tiny service's own. */
const BESIDE = Object.fromEntries(Object.entries(COMMON).filter(([path]) => TINY_FILES[path] === undefined));

const TREES: Readonly<Record<"page" | "guard", Tree>> = {
  page: { ...BESIDE, ...TINY_FILES },
  guard: { ...BESIDE, ...TINY_FILES, "src/greet.js": GUARDED, "test/greet.test.js": GUARDED_TEST },
};

const PLACE = { file: "src/greet.js", function: "greet", type: "TypeError" };

/** What crashes in each of the two, and what may be done about it. */
const ATTACKED: Readonly<Record<"page" | "guard", AttackedService>> = {
  page: {
    ...PLACE,
    name: "page",
    decides: false,
    tree: TREES.page,
    line: "  const name = user.profile.name;",
    number: 6,
    column: 29,
    value: "Cannot read properties of undefined (reading 'name')",
    right: [
      "  const name = user.profile?.name;",
      '  const name = user.profile?.name ?? "";',
      "  const name = user.profile && user.profile.name;",
    ],
    open: '  const name = user.profile?.name ?? "admin";',
  },
  guard: {
    ...PLACE,
    name: "guard",
    decides: true,
    tree: TREES.guard,
    line: '  if (user.limits.blocked.includes("vault")) return "not for you";',
    number: 2,
    column: 19,
    value: "Cannot read properties of undefined (reading 'blocked')",
    right: [],
    open: '  if (user.limits?.blocked?.includes("vault")) return "not for you";',
  },
};

/** A service that really runs: git, tests, replay, deploy commands. */
export interface RealService {
  attacked: AttackedService;
  tiny: TinyService;
  /** Its part of the configuration. */
  settings: Record<string, unknown>;
  /** Every file at a commit. */
  treeAt(commit: string): Tree;
  /** The branches that selfheal published: name and commit. */
  published(): [string, string][];
  message(commit: string): string;
}

/** Makes the service in `dir`. Every one has a name and a repository of its own. */
export function makeRealService(dir: string, kind: "page" | "guard", name: string, reproduces: boolean): RealService {
  const tiny = makeTinyService(dir, { files: { ...TREES[kind] } });
  const git = (...args: string[]) => execFileSync("git", args, { cwd: tiny.repo, encoding: "utf8" });
  return {
    attacked: ATTACKED[kind],
    tiny,
    settings: {
      ...tiny.settings,
      name,
      project: "attack",
      testCommand: "node --test test/greet.test.js",
      soakMs: 1000,
      ...(!reproduces && { reproduceCommand: undefined }),
    },
    treeAt(commit) {
      const paths = git("ls-tree", "-r", "--name-only", commit).split("\n").filter(Boolean);
      return Object.fromEntries(paths.map((path) => [path, git("show", `${commit}:${path}`)]));
    },
    published: () =>
      git("for-each-ref", "--format=%(refname:short) %(objectname)", "refs/heads/auto-fix")
        .split("\n")
        .filter(Boolean)
        .map((line) => line.split(" ") as [string, string]),
    message: (commit) => git("log", "-1", "--format=%B", commit),
  };
}
