import { randomUUID } from "node:crypto";
import { mkdir, open, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";

/** How often a command that a dead process left behind is looked at, milliseconds. */
const LOOK_MS = 100;
/** How long a start file without a number counts as being written, milliseconds; later, its writer is gone. */
const BEING_WRITTEN_MS = 1000;

/** How much of what a command printed is read, bytes: the end of it. */
const MAX_OUTPUT_BYTES = 1024 * 1024;

/** One command of a service that this process is about to run. */
export interface Attempt {
  /**
   * The command, so that it first says who it is, and does nothing when it was called off meanwhile. What it prints goes
   * to files: a pipe to a selfheal that is gone would end it in its middle.
   */
  wrap(command: string): string;
  env: Record<string, string>;
  /** What it printed. */
  output(): Promise<{ stdout: string; stderr: string }>;
  /** To be called when it has ended. */
  done(): Promise<void>;
}

/** Deploy commands outlive a selfheal that is killed. Nothing is asked or begun while one of them still runs. */
export interface Orphans {
  /** Begins a service's next command. Null when an earlier one still runs after `timeoutMs`. */
  begin(service: string, timeoutMs: number, signal: AbortSignal): Promise<Attempt | null>;
  /** False when a command that another process left still runs after `timeoutMs`. One that has not begun yet never will. */
  quiet(service: string, timeoutMs: number, signal: AbortSignal): Promise<boolean>;
}

/**
 * Two flags, each written before the other is read: the command writes its start file, then reads the fence; whoever comes
 * later writes the fence, then looks for start files. So either the command sees that it was called off, or it is seen.
 */
export function createOrphans(deps: {
  dir: string;
  /** Resolves after `ms`; rejects with the signal's reason when it is aborted. */
  sleep: (ms: number, signal: AbortSignal) => Promise<unknown>;
}): Orphans {
  const running = new Set<string>();
  const fenceOf = (service: string) => join(deps.dir, `${service}.fence`);

  const fence = async (service: string, attempt: string) => {
    await mkdir(deps.dir, { recursive: true });
    const temporary = `${fenceOf(service)}.${randomUUID()}`;
    await writeFile(temporary, attempt);
    await rename(temporary, fenceOf(service));
  };
  const othersEnded = async (service: string, timeoutMs: number, signal: AbortSignal) => {
    for (let waited = 0; ; waited += LOOK_MS) {
      if (!(await anyAlive(deps.dir, service, waited < BEING_WRITTEN_MS))) return true;
      if (waited >= timeoutMs) return false;
      await deps.sleep(LOOK_MS, signal);
    }
  };

  return {
    async begin(service, timeoutMs, signal) {
      const attempt = randomUUID();
      await fence(service, attempt);
      if (!(await othersEnded(service, timeoutMs, signal))) return null;
      const startFile = join(deps.dir, `${service}.started.${attempt}`);
      const [outFile, errFile] = outputsOf(startFile);
      running.add(service);
      return {
        wrap: (command) =>
          '(set -C; echo $$ > "$SELFHEAL_START_FILE") 2>/dev/null || exit 75\n' +
          `[ "$(cat "$SELFHEAL_FENCE_FILE")" = "$SELFHEAL_ATTEMPT" ] || exit 75\n` +
          `exec >"$SELFHEAL_OUTPUT_FILE" 2>"$SELFHEAL_ERROR_FILE"\n${command}`,
        env: {
          SELFHEAL_START_FILE: startFile,
          SELFHEAL_FENCE_FILE: fenceOf(service),
          SELFHEAL_ATTEMPT: attempt,
          SELFHEAL_OUTPUT_FILE: outFile,
          SELFHEAL_ERROR_FILE: errFile,
        },
        output: async () => ({ stdout: await endOf(outFile), stderr: await endOf(errFile) }),
        done: async () => {
          running.delete(service);
          await tidyUp(startFile);
        },
      };
    },
    async quiet(service, timeoutMs, signal) {
      // This process's own command is waited for by whoever began it.
      if (running.has(service)) return true;
      await fence(service, `none since ${randomUUID()}`);
      return othersEnded(service, timeoutMs, signal);
    },
  };
}

/** Beside the start file, under names that are no start file's. */
function outputsOf(startFile: string): [string, string] {
  const base = startFile.replace(".started.", ".printed.");
  return [base, `${base}.errors`];
}

/** The start file last: while it is there, somebody may come to tidy up. */
async function tidyUp(startFile: string): Promise<void> {
  for (const file of [...outputsOf(startFile), startFile]) await rm(file, { force: true });
}

/** The end of a file; nothing when it is not there, since the command did not get that far. */
async function endOf(path: string): Promise<string> {
  const file = await open(path).catch(() => null);
  if (file === null) return "";
  try {
    const { size } = await file.stat();
    const length = Math.min(size, MAX_OUTPUT_BYTES);
    const { buffer } = await file.read(Buffer.alloc(length), 0, length, size - length);
    return buffer.toString("utf8");
  } finally {
    await file.close();
  }
}

/** Whether a command that said it began still runs. What it left is tidied up once it does not. */
async function anyAlive(dir: string, service: string, maybeWriting: boolean): Promise<boolean> {
  const prefix = `${service}.started.`;
  for (const name of (await readdir(dir)).filter((entry) => entry.startsWith(prefix))) {
    const file = join(dir, name);
    const pid = Number((await readFile(file, "utf8").catch(() => "")).trim());
    if (pid === 0 ? maybeWriting : await isAlive(pid)) return true;
    await tidyUp(file);
  }
  return false;
}

async function isAlive(pid: number): Promise<boolean> {
  try {
    process.kill(pid, 0);
  } catch (thrown) {
    return (thrown as NodeJS.ErrnoException).code === "EPERM";
  }
  // Ended, and not waited for by whoever inherited it.
  const stat = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => "");
  return !/\) Z /.test(stat);
}
