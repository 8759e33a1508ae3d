import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { createWorkspaces } from "../../../src/tools/git/workspaces.ts";
import { gitRepository, temporaryFolder } from "../../helpers/gitRepository.ts";
import { eventually } from "../../helpers/patience.ts";
import { service } from "../../helpers/service.ts";

const FILES = { "a.js": "export const a = 1;\n" };

/** A clone with a ticket's worktree, as an earlier process left it. */
async function left() {
  const repo = gitRepository(FILES);
  const dataDir = temporaryFolder("data");
  const shop = service(repo.dir);
  const start = () => createWorkspaces({ dataDir, clock: { now: () => 1_700_000_000_000 } });
  const before = start();
  const base = await before.head(shop);
  await before.open(shop, "ticket-1", base);
  const [name = ""] = readdirSync(join(dataDir, "repos"));
  const gitDir = join(dataDir, "repos", name);
  const adminDir = join(gitDir, "worktrees/ticket-1");
  /** All that a ticket does with git. */
  const work = async (workspaces = start()) => {
    const workspace = await workspaces.open(shop, "ticket-1", await workspaces.head(shop));
    await workspace.write("a.js", "export const a = 2;\n");
    const commit = await workspace.commit("Fix");
    await workspaces.publish(workspace, commit, "auto-fix/ticket-1");
    return repo.git("rev-parse", "auto-fix/ticket-1").trim() === commit;
  };
  return { repo, base, gitDir, adminDir, work, before };
}

/** A real git in the middle of a command, as selfheal starts it, with a lock that is there already. */
async function midCommand(gitDir: string, args: string[], input: string, lock: string): Promise<ChildProcess> {
  const git = spawn("git", args, {
    env: { PATH: process.env.PATH, GIT_DIR: gitDir },
    stdio: ["pipe", "ignore", "ignore"],
  });
  git.stdin?.on("error", () => undefined).write(input);
  await eventually(() => expect(existsSync(lock)).toBe(true), 5);
  return git;
}

async function killed(git: ChildProcess): Promise<void> {
  const gone = once(git, "exit");
  git.kill("SIGKILL");
  await gone;
}

const holding = (ref: string, to: string) => `start\nupdate ${ref} ${to}\nprepare\n`;

describe("a git that was killed in the middle of a command", () => {
  it("leaves its locks in the clone, and a new process removes them", async () => {
    const { base, gitDir, adminDir, work } = await left();
    const locks = {
      branch: join(gitDir, "refs/remotes/service/main.lock"),
      ticket: join(gitDir, "refs/selfheal/tickets/ticket-1.lock"),
      packed: join(gitDir, "packed-refs.lock"),
      index: join(adminDir, "index.lock"),
    };
    const update = ["update-ref", "--stdin"];
    await killed(await midCommand(gitDir, update, holding("refs/remotes/service/main", base), locks.branch));
    await killed(await midCommand(gitDir, update, holding("refs/selfheal/tickets/ticket-1", base), locks.ticket));
    const gone = `start\ndelete refs/remotes/service/none\nprepare\n`;
    await killed(await midCommand(gitDir, update, gone, locks.packed));
    await killed(await midCommand(adminDir, ["update-index", "--index-info"], "", locks.index));
    expect(Object.values(locks).map((lock) => existsSync(lock))).toEqual([true, true, true, true]);
    expect(await work()).toBe(true);
    expect(Object.values(locks).filter((lock) => existsSync(lock))).toEqual([]);
  });

  it("holds up its own process no longer than until the ticket's workspace is opened", async () => {
    const { base, gitDir, adminDir, work, before } = await left();
    const index = join(adminDir, "index.lock");
    const ticket = join(gitDir, "refs/selfheal/tickets/ticket-1.lock");
    await killed(await midCommand(adminDir, ["update-index", "--index-info"], "", index));
    const update = ["update-ref", "--stdin"];
    await killed(await midCommand(adminDir, update, holding("refs/selfheal/tickets/ticket-1", base), ticket));
    expect(await work(before)).toBe(true);
  });

  it("is waited for while it lives: a lock is taken from nobody", async () => {
    const { gitDir, adminDir, work } = await left();
    const lock = join(adminDir, "index.lock");
    const git = await midCommand(adminDir, ["update-index", "--index-info"], "", lock);
    let over = false;
    const working = work().finally(() => {
      over = true;
    });
    await delay(200);
    expect([over, existsSync(lock), existsSync(join(gitDir, "HEAD"))]).toEqual([false, true, true]);
    const gone = once(git, "exit");
    git.stdin?.end();
    await gone;
    expect(await working).toBe(true);
  });

  it("leaves its lock in the service's own repository: nothing is removed there, and the file is named", async () => {
    const { repo, work } = await left();
    const lock = join(repo.dir, ".git/refs/heads/auto-fix/ticket-1.lock");
    mkdirSync(join(lock, ".."), { recursive: true });
    writeFileSync(lock, "");
    await expect(work()).rejects.toMatchObject({ code: "conflict", message: expect.stringContaining(lock) });
    expect(existsSync(lock)).toBe(true);
  });

  it("leaves half a clone or half a worktree, which are made anew", async () => {
    const { adminDir, gitDir, work } = await left();
    writeFileSync(join(adminDir, "locked"), "initializing");
    writeFileSync(join(adminDir, "HEAD"), `${"0".repeat(40)}\n`);
    writeFileSync(join(adminDir, "commondir"), "");
    writeFileSync(`${gitDir}.new`, "");
    expect(await work()).toBe(true);
  });
});
