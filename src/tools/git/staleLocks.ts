import { readdir, readFile, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { SelfhealError } from "../../domain/errors.ts";

/** How long a git that another process left behind may take to end, and how often it is looked at, milliseconds. */
const WAIT_MS = 30_000;
const LOOK_MS = 50;

/**
 * Removes the lock files that a killed git left below `dir`, a git folder of our own in which nobody else begins anything
 * now, and those of `further`, which only a git in `dir` makes. A git that is still alive there (its selfheal was killed,
 * it was not) is waited for. Returns what was removed. Throws SelfhealError `git` when it does not end.
 */
export async function removeStaleLocks(dir: string, further: readonly string[] = []): Promise<string[]> {
  const locks = await identified([...(await locksBelow(dir)), ...further]);
  if (locks.size === 0) return [];
  for (let waited = 0; await isWorkedIn(dir); waited += LOOK_MS) {
    if (waited >= WAIT_MS) throw new SelfhealError("git", `another git still works in ${dir}`);
    await delay(LOOK_MS);
  }
  // Only what was there before nobody worked: a lock that is made meanwhile is somebody's.
  const still = [...(await identified([...locks.keys()]))].filter(([path, id]) => locks.get(path) === id);
  for (const [path] of still) await rm(path, { force: true });
  return still.map(([path]) => path);
}

/** The files that are there, with what tells one from another of the same name. */
async function identified(paths: readonly string[]): Promise<Map<string, string>> {
  const found = new Map<string, string>();
  for (const path of paths) {
    const it = await stat(path, { bigint: true }).catch(() => null);
    if (it !== null) found.set(path, `${it.ino} ${it.mtimeNs}`);
  }
  return found;
}

/** Objects are not looked at: git locks none of them. */
async function locksBelow(dir: string): Promise<string[]> {
  const entries = await readdir(dir, { withFileTypes: true }).catch(() => []);
  const found = entries.map((entry) => {
    const path = join(dir, entry.name);
    if (entry.isDirectory()) return entry.name === "objects" ? [] : locksBelow(path);
    return entry.name.endsWith(".lock") ? [path] : [];
  });
  return (await Promise.all(found)).flat();
}

/** Whether a git of ours, told by its environment, works at or below `dir`. Where there is no /proc it cannot be told: no. */
async function isWorkedIn(dir: string): Promise<boolean> {
  const pids = (await readdir("/proc").catch(() => [])).filter((name) => /^\d+$/.test(name));
  const environments = pids.map((pid) => readFile(`/proc/${pid}/environ`, "utf8").catch(() => ""));
  return (await Promise.all(environments))
    .flatMap((text) => text.split("\0"))
    .some((variable) => variable === `GIT_DIR=${dir}` || variable.startsWith(`GIT_DIR=${dir}/`));
}
