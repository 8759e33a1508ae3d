import { spawnSync } from "node:child_process";
import { accessSync, constants, mkdtempSync, readdirSync, rmSync, statfsSync, statSync, writeFileSync } from "node:fs";
import { freemem, tmpdir } from "node:os";
import { join } from "node:path";

const MEMORY = "/dev/shm";
/** Many times what a run has at once in its temporary folders. */
const ROOM_BYTES = 3 * 1024 ** 3;
const NAME = "selfheal-run-";
const DAY_MS = 86_400_000;

/**
 * One folder holds all temporary folders of a run, and goes with it. It lies in memory where there is room: on a disk most of
 * a run's time is spent waiting for fsync, and none of the tests cuts the power.
 */
export default function setup(): void {
  const parent = hasRoom(MEMORY) ? MEMORY : tmpdir();
  for (const name of readdirSync(parent)) if (name.startsWith(NAME)) removeIfOld(join(parent, name));
  const dir = mkdtempSync(join(parent, NAME));
  process.env.TMPDIR = dir;
  process.env.SELFHEAL_TEST_PROGRAMS = join(dir, "programs");
  // Not as vitest's own teardown: that is left out when somebody interrupts.
  process.once("exit", () => rmSync(dir, { recursive: true, force: true }));
}

/** Left by a run that was killed. */
function removeIfOld(dir: string): void {
  const stat = statSync(dir, { throwIfNoEntry: false });
  if (stat !== undefined && Date.now() - stat.mtimeMs > DAY_MS) rmSync(dir, { recursive: true, force: true });
}

function hasRoom(folder: string): boolean {
  try {
    accessSync(folder, constants.W_OK);
    const { bavail, bsize } = statfsSync(folder);
    return bavail * bsize > ROOM_BYTES && freemem() > ROOM_BYTES && runsPrograms(folder);
  } catch {
    return false;
  }
}

/** Containers may mount it so that nothing in it can be run. */
function runsPrograms(folder: string): boolean {
  const dir = mkdtempSync(join(folder, "selfheal-probe-"));
  try {
    const file = join(dir, "probe");
    writeFileSync(file, "#!/bin/sh\nexit 0\n", { mode: 0o755 });
    return spawnSync(file).status === 0;
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}
