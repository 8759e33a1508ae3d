import { readdir, readFile, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { SelfhealError } from "../../domain/errors.ts";

/** How long to wait for a git process that another process left running, and how often to check, in milliseconds. */
const WAIT_MS = 30_000;
const LOOK_MS = 50;

/**
 * Removes the lock files that a killed git left below `dir`, and those of `further`, which only a git in `dir` creates.
 * `dir` is a git folder of selfheal in which nothing new starts meanwhile. If a git process still runs there (its
 * selfheal was killed, it was not), this waits for it. Returns the removed paths. Throws SelfhealError `git` if that
 * process does not end in time.
 */
export async function removeStaleLocks(dir: string, further: readonly string[] = []): Promise<string[]> {
  const locks = await identified([...(await locksBelow(dir)), ...further]);
  if (locks.size === 0) return [];
  for (let waited = 0; await isWorkedIn(dir); waited += LOOK_MS) {
    if (waited >= WAIT_MS) throw new SelfhealError("git", `another git still works in ${dir}`);
    await delay(LOOK_MS);
  }
  // Removes only locks that existed while no git was running. A newer lock belongs to a running process.
  const still = [...(await identified([...locks.keys()]))].filter(([path, id]) => locks.get(path) === id);
  for (const [path] of still) await rm(path, { force: true });
  return still.map(([path]) => path);
}

/** The existing files, with inode and modification time to distinguish files of the same name. */
async function identified(paths: readonly string[]): Promise<Map<string, string>> {
  const found = new Map<string, string>();
  for (const path of paths) {
    const it = await stat(path, { bigint: true }).catch(() => null);
    if (it !== null) found.set(path, `${it.ino} ${it.mtimeNs}`);
  }
  return found;
}

/** Lock files below a git folder. `objects` is skipped, because git locks nothing there. */
async function locksBelow(dir: string): Promise<string[]> {
  const entries = await readdir(dir, { withFileTypes: true }).catch(() => []);
  const found = entries.map((entry) => {
    const path = join(dir, entry.name);
    if (entry.isDirectory()) return entry.name === "objects" ? [] : locksBelow(path);
    return entry.name.endsWith(".lock") ? [path] : [];
  });
  return (await Promise.all(found)).flat();
}

/** Whether a git of selfheal works at or below `dir`, according to its environment in /proc. Without /proc: false. */
async function isWorkedIn(dir: string): Promise<boolean> {
  const pids = (await readdir("/proc").catch(() => [])).filter((name) => /^\d+$/.test(name));
  const environments = pids.map((pid) => readFile(`/proc/${pid}/environ`, "utf8").catch(() => ""));
  return (await Promise.all(environments))
    .flatMap((text) => text.split("\0"))
    .some((variable) => variable === `GIT_DIR=${dir}` || variable.startsWith(`GIT_DIR=${dir}/`));
}
