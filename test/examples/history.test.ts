import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { makeRepository, type Repository } from "../../examples/history.mjs";
import { bugs } from "../../examples/shop/scripts/traffic.mjs";

const NOW = Date.UTC(2026, 5, 15, 12);
const DAY_MS = 86_400_000;

describe("the shop's repository", () => {
  let root: string;
  let repo: string;
  let made: Repository;
  const git = async (...args: string[]) => (await execa("git", args, { cwd: repo })).stdout;

  beforeAll(async () => {
    root = await mkdtemp(join(tmpdir(), "history-"));
    repo = join(root, "repo");
    made = await makeRepository(repo, { now: NOW });
  });
  afterAll(() => rm(root, { recursive: true, force: true }));

  it("is the same for the same time", async () => {
    expect(await makeRepository(join(root, "again"), { now: NOW })).toEqual(made);
  });

  it("refuses a folder that holds something", async () => {
    await expect(makeRepository(repo, { now: NOW })).rejects.toThrow("is not empty");
  });

  it("ends at the shop as it is, without the answers", async () => {
    const tracked = (await git("ls-files")).split("\n");
    expect(tracked).not.toContain("bugs.json");
    expect(tracked).not.toContain("history.json");
    for (const path of tracked) {
      const shop = await readFile(new URL(`../../examples/shop/${path}`, import.meta.url), "utf8");
      expect(await readFile(join(repo, path), "utf8"), path).toBe(shop);
    }
    expect(await git("status", "--porcelain")).toBe("");
  });

  it("brings every bug in during the last day, each in a file that was there before", async () => {
    const [recent, older] = await Promise.all([
      git("log", `--since=@${(NOW - DAY_MS) / 1000}`, "--name-only", "--format="),
      git("log", `--until=@${(NOW - DAY_MS) / 1000}`, "--name-only", "--format="),
    ]);
    for (const { module } of bugs) {
      expect(recent.split("\n")).toContain(module);
      expect(older.split("\n")).toContain(module);
    }
  });

  it.each([3, 6])("has a green suite at commit %i: before the bugs, and with all of them", async (index) => {
    const dir = join(root, `at-${index}`);
    await git("worktree", "add", "--quiet", "--detach", dir, made.commits[index]?.commit ?? "");
    const suite = await execa("npm", ["test"], { cwd: dir, reject: false });
    expect(suite.exitCode, suite.stdout).toBe(0);
  });
});
