import { randomUUID } from "node:crypto";
import { mkdir, open, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";

/** How often an orphaned command is checked, milliseconds. */
const LOOK_MS = 100;
/** How long a start file without a process id counts as being written, milliseconds. After that its writer is dead. */
const BEING_WRITTEN_MS = 1000;

/** How many bytes of a command's output are read, from its end. */
const MAX_OUTPUT_BYTES = 1024 * 1024;

/** One command of a service that this process is about to run. */
export interface Attempt {
  /**
   * Wraps the command in shell code. It first writes its process id to the start file, and exits with 75 if a later
   * attempt has fenced it. Its output goes to files: a pipe to a killed selfheal would end the command in the middle.
   */
  wrap(command: string): string;
  /** Variables that the wrapped command reads. */
  env: Record<string, string>;
  /** The end of the command's output. */
  output(): Promise<{ stdout: string; stderr: string }>;
  /** Must be called when the command has ended. Removes its files. */
  done(): Promise<void>;
}

/**
 * Finds commands that outlived a killed selfheal. While one of them runs, no command begins and no answer about the
 * live commit counts.
 */
export interface Orphans {
  /** Begins a service's next command. null if an earlier command still runs after `timeoutMs`. */
  begin(service: string, timeoutMs: number, signal: AbortSignal): Promise<Attempt | null>;
  /**
   * Returns false if a command of another process still runs after `timeoutMs`. A command that has not begun by now is
   * fenced and never will.
   */
  quiet(service: string, timeoutMs: number, signal: AbortSignal): Promise<boolean>;
}

/**
 * Mutual exclusion by two flags, each written before the other one is read. The command writes its start file, then
 * reads the fence. A later process writes the fence, then looks for start files. So either the command sees that it was
 * fenced, or the later process sees the command.
 */
export function createOrphans(deps: {
  dir: string;
  /** Resolves after `ms`; rejects with the signal's reason on abort. */
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
      // This process's own command: the caller of `begin` waits for it.
      if (running.has(service)) return true;
      await fence(service, `none since ${randomUUID()}`);
      return othersEnded(service, timeoutMs, signal);
    },
  };
}

/** Beside the start file, under names that do not match a start file's. */
function outputsOf(startFile: string): [string, string] {
  const base = startFile.replace(".started.", ".printed.");
  return [base, `${base}.errors`];
}

/** Removes the start file last: while it exists, another process can still clean up. */
async function tidyUp(startFile: string): Promise<void> {
  for (const file of [...outputsOf(startFile), startFile]) await rm(file, { force: true });
}

/** The end of a file. Empty when the file does not exist, because the command did not get that far. */
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

/** Whether a command with a start file still runs. Removes the files of commands that have ended. */
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
  // A zombie: the process has ended, but its parent has not waited for it.
  const stat = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => "");
  return !/\) Z /.test(stat);
}
