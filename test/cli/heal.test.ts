import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { healCommand } from "../../src/cli/healCommand.ts";
import type { OneShotRequest } from "../../src/domain/oneShot.ts";
import { healOnce } from "../../src/oneShot/heal.ts";
import { createProcessRunner } from "../../src/tools/sandbox/processRunner.ts";
import { runCli } from "../helpers/cliRun.ts";
import { selfheal } from "../helpers/command.ts";
import { tempFolder } from "../helpers/tempFolder.ts";
import { makeTinyService, type TinyService, tinyEvent } from "../helpers/tinyService.ts";

const REPRO = ["--repro", "node replay.mjs"];
const TEST = ["--test", "npm test"];
const FIXED = "+  const name = user.profile?.name;";

/** A repository that crashes, and a function that writes an event file beside it. */
function crashed() {
  const dir = tempFolder();
  const tiny = makeTinyService(dir);
  const at = (name: string) => join(dir, name);
  const write = (event: unknown, name = "event.json") => {
    writeFileSync(at(name), typeof event === "string" ? event : JSON.stringify(event));
    return at(name);
  };
  return { dir, tiny, at, write };
}

/** The command in this process, with the real engine behind it. */
function heal(argv: readonly string[], once = (request: OneShotRequest) => healOnce(request, WORLD)) {
  const command = healCommand({ processes: createProcessRunner(), healOnce: once });
  return runCli(["heal", ...argv], { commands: [command] });
}

const never = () => Promise.reject(new Error("the engine must not be asked"));
const silent = () => undefined;
const WORLD = {
  clock: { now: () => Date.now() },
  log: { info: silent, warn: silent, error: silent },
  secrets: {},
};

/** What git and the file system tell of the repository. */
function stateOf({ git, repo }: TinyService) {
  return {
    refs: git("for-each-ref"),
    status: git("status", "--porcelain"),
    worktrees: git("worktree", "list"),
    config: git("config", "--local", "--list"),
    objects: git("count-objects", "-v"),
    source: readFileSync(join(repo, "src/greet.js"), "utf8"),
  };
}

describe("selfheal heal, as people run it", () => {
  it("proves a patch and writes it; the repository and what is uncommitted in it stay as they are", async () => {
    const { tiny, at, write } = crashed();
    const event = write(tinyEvent(tiny));
    writeFileSync(join(tiny.repo, "src/greet.js"), "// half done\nthis does not even parse\n");
    writeFileSync(join(tiny.repo, "src/staged.js"), "export {};\n");
    tiny.git("add", "src/staged.js");
    mkdirSync(at("tmp"));
    const before = stateOf(tiny);

    const given = ["--repo", tiny.repo, "--event", event, ...REPRO, ...TEST, "--out", at("p.diff")];
    const run = await selfheal(["heal", ...given], { TMPDIR: at("tmp") });

    expect(run).toMatchObject({ code: 0, stderr: "" });
    for (const line of [
      "E2 in sandbox",
      "✗ reproduction on base",
      "✓ reproduction on patch",
      "✓ suite on patch",
      FIXED,
    ])
      expect(run.stdout).toContain(line);
    expect(run.stdout).toMatch(/A patch after .+: evidence E2\n$/);
    expect(stateOf(tiny)).toEqual(before);

    tiny.git("clone", "-q", tiny.repo, at("fresh"));
    tiny.git("-C", at("fresh"), "apply", "--check", at("p.diff"));
    tiny.git("-C", at("fresh"), "apply", at("p.diff"));
    expect(tiny.git("-C", at("fresh"), "diff", "--stat")).toMatch(/^src\/greet\.js \| 2 \+-\n 1 file changed/);
    expect(readdirSync(at("tmp")).filter((name) => name.startsWith("selfheal"))).toEqual([]);
  });

  it("exits with 2 and the reason where it cannot fix, and writes no diff", async () => {
    const { tiny, at, write } = crashed();
    const exception = {
      type: "Error",
      value: "connect ECONNREFUSED 10.0.0.7:5432",
      stack: "Error: connect\n    at x (node:net:1:1)",
    };
    const event = write(tinyEvent(tiny, { exception }));
    const run = await selfheal([
      "heal",
      "--repo",
      tiny.repo,
      "--event",
      event,
      ...TEST,
      "--out",
      at("p.diff"),
      "--json",
    ]);
    expect(run).toMatchObject({ code: 2, stderr: "" });
    const result = JSON.parse(run.stdout);
    expect(result).toMatchObject({ outcome: "abstained", ticket: { state: "abstained", patch: null }, diff: null });
    expect(result.reason.length).toBeGreaterThan(20);
    expect(existsSync(at("p.diff"))).toBe(false);
  });

  it("exits with 1 and names the field of an event that cannot be used", async () => {
    const { tiny, write } = crashed();
    const event = write({ service: "tiny", exception: { value: "no type" } });
    const run = await selfheal(["heal", "--repo", tiny.repo, "--event", event]);
    expect(run).toMatchObject({ code: 1, stdout: "" });
    expect(run.stderr).toMatch(/event\.json cannot be used: exception\.type: .+\n$/);
  });
});

describe("what is given", () => {
  it("takes an event in Sentry's form, finds the suite, and writes a reproduction of its own", async () => {
    const { tiny, write } = crashed();
    const frame = { filename: `${tiny.repo}/src/greet.js`, function: "greet", lineno: 6, colno: 29, in_app: true };
    const value = "Cannot read properties of undefined (reading 'name')";
    const event = write({
      platform: "node",
      exception: { values: [{ type: "TypeError", value, stacktrace: { frames: [frame] } }] },
    });
    const run = await heal(["--repo", tiny.repo, "--event", event, "--json"]);
    expect(run).toMatchObject({ code: 0, stderr: "" });
    expect(JSON.parse(run.stdout)).toMatchObject({
      outcome: "patch",
      reason: "evidence E2",
      ticket: { evidence: { grade: "E2", reproduction: { origin: "constructed" }, shortfalls: ["constructedInput"] } },
      diff: expect.stringContaining(FIXED),
    });
  });

  it("a reproduction that does not reproduce proves nothing", async () => {
    const { tiny, write } = crashed();
    const run = await heal(["--repo", tiny.repo, "--event", write(tinyEvent(tiny)), "--repro", "true", ...TEST]);
    expect(run.code).toBe(0);
    expect(run.stdout).toContain("falls short: notReproducedOnBase");
    expect(run.stdout).toMatch(/A patch after .+: evidence E1\n$/);
  });

  it("a patch that neither suite nor reproduction speaks for is no patch", async () => {
    const { tiny, at, write } = crashed();
    const out = ["--out", at("p.diff")];
    const run = await heal(["--repo", tiny.repo, "--event", write(tinyEvent(tiny)), "--test", "exit 1", ...out]);
    expect(run.code).toBe(2);
    expect(run.stdout).toMatch(/Abstained after .+: .*\bE0\b/);
    expect(existsSync(at("p.diff"))).toBe(false);
  });

  it("a diff that cannot be written is an error, after everything was shown", async () => {
    const { tiny, at, write } = crashed();
    const out = ["--out", at("nowhere/p.diff")];
    const run = await heal(["--repo", tiny.repo, "--event", write(tinyEvent(tiny)), ...REPRO, ...TEST, ...out]);
    expect(run).toMatchObject({ code: 1, stderr: expect.stringContaining("cannot write the diff: ENOENT") });
    expect(run.stdout).toContain(FIXED);
  });

  it("no model without an endpoint or a key", async () => {
    const { tiny, write } = crashed();
    const run = await heal(["--repo", tiny.repo, "--event", write(tinyEvent(tiny)), "--brain", "model"]);
    expect(run).toMatchObject({ code: 1, stderr: expect.stringMatching(/^brain: a model needs OPENAI_API_KEY/) });
  });

  it.each<[string, (is: ReturnType<typeof crashed>) => string[], RegExp]>([
    ["no JSON", (is) => ["--event", is.write("{ oops")], /event\.json is not JSON: /],
    ["no file", (is) => ["--event", is.at("none.json")], /cannot read the event .*ENOENT/],
    ["no repository", (is) => ["--repo", is.dir], /is not in a git repository: fatal: not a git repository/],
    ["no folder", (is) => ["--repo", is.at("none")], /cannot open --repo .*ENOENT/],
    ["no known brain", () => ["--brain", "big"], /--brain big: must be one of rules, rulesThenModel, model/],
    ["no number", () => ["--test-timeout", "soon"], /--test-timeout soon: must be a number of seconds/],
  ])("%s: exit 1, and says what is wrong", async (_, given, message) => {
    const is = crashed();
    const event = is.write(tinyEvent(is.tiny), "good.json");
    const run = await heal(["--repo", is.tiny.repo, "--event", event, ...given(is)], never);
    expect(run).toMatchObject({ code: 1, stdout: "", stderr: expect.stringMatching(message) });
  });

  it("a folder of the repository is where the commands run, also through a symlink", async () => {
    const { tiny, at, write } = crashed();
    mkdirSync(join(tiny.repo, "packages/api"), { recursive: true });
    symlinkSync(tiny.repo, at("link"));
    const asked: OneShotRequest[] = [];
    const note = (request: OneShotRequest) => {
      asked.push(request);
      return Promise.reject(new Error("enough"));
    };
    const event = write(tinyEvent(tiny));
    for (const folder of [tiny.repo, join(tiny.repo, "packages/api"), join(at("link"), "packages/api")])
      expect(await heal(["--repo", folder, "--event", event, "--test-timeout", "1.5"], note)).toMatchObject({
        code: 1,
      });
    expect(asked.map(({ root }) => root)).toEqual([".", "packages/api", "packages/api"]);
    expect(new Set(asked.map(({ repo }) => repo)).size).toBe(1);
    expect(asked[0]).toMatchObject({ brain: "rules", testTimeoutMs: 1500 });
  });
});
