import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import type { Readable } from "node:stream";
import { execa, type Result } from "execa";
import type { ProcessEnd } from "../../domain/evidence.ts";
import type { CommandSpec, ProcessResult, ProcessRunner } from "../../domain/ports/processRunner.ts";
import { createOutputBuffer } from "./outputBuffer.ts";

/** Between SIGTERM and SIGKILL. */
const KILL_AFTER_MS = 2000;
/** How long output may still arrive after the command itself has ended. */
const DRAIN_MS = 500;
const MAX_OUTPUT_BYTES = 4 * 1024 * 1024;
const SYSTEM_PATH = ["/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin"];

/** The PATH of commands when none is given: this Node first, then the system's folders. */
export function defaultPath(): string {
  return [dirname(process.execPath), ...SYSTEM_PATH].join(delimiter);
}

export interface ProcessRunnerOptions {
  /** PATH of the commands; default: this Node's folder and the system's. */
  path?: string;
  /** HOME of the commands; default: a temporary folder for each, removed when it ends. */
  home?: string;
  /** Kept of each of stdout and stderr: the first and the last half of this. */
  maxOutputBytes?: number;
}

/** A ProcessRunner that may also be told what becomes of processes that the command leaves in its group. */
export interface LocalProcessRunner extends ProcessRunner {
  run(spec: CommandSpec & { leftovers?: "leave" | "kill" }): Promise<ProcessResult>;
}

/**
 * Runs commands through `sh -c`, each in a process group of its own. On timeout and on abort the whole group gets SIGTERM,
 * and SIGKILL two seconds later. A command that ends by itself may leave processes behind (`leftovers: "leave"`, the
 * default): that is how a deploy command starts a daemon. Such a daemon must detach itself: take its output elsewhere
 * (`>app.log 2>&1`; the pipes are closed when the command ends) and leave the group (`setsid`, or `detached: true` in
 * Node), so that a later timeout of the command cannot take it along.
 */
export function createProcessRunner(options: ProcessRunnerOptions = {}): LocalProcessRunner {
  return {
    async run(spec) {
      const ownHome = spec.env?.HOME === undefined && options.home === undefined;
      const home = options.home ?? (ownHome ? await mkdtemp(join(tmpdir(), "selfheal-home-")) : tmpdir());
      const env = { PATH: options.path ?? defaultPath(), LANG: "C.UTF-8", HOME: home, ...spec.env };
      try {
        return await runGroup(spec, env, options.maxOutputBytes ?? MAX_OUTPUT_BYTES);
      } finally {
        if (ownHome) await rm(home, { recursive: true, force: true });
      }
    },
  };
}

async function runGroup(
  spec: CommandSpec & { leftovers?: "leave" | "kill" },
  env: Record<string, string>,
  maxOutputBytes: number,
): Promise<ProcessResult> {
  if (spec.signal?.aborted === true) {
    return { end: { kind: "unstartable", reason: "aborted before it started" }, stdout: "", stderr: "", durationMs: 0 };
  }
  const child = execa("sh", ["-c", spec.command], {
    cwd: spec.cwd,
    env,
    extendEnv: false,
    detached: true,
    cleanup: false,
    stdin: "ignore",
    buffer: false,
    reject: false,
  });
  const stdout = collect(child.stdout, maxOutputBytes);
  const stderr = collect(child.stderr, maxOutputBytes);
  const stop = stopper(child.pid, spec);
  // The command's own end, not that of its pipes: a process it left behind may hold those open for ever.
  child.once("exit", () => {
    stop.ended();
    if (spec.leftovers === "kill") signalGroup(child.pid, "SIGKILL");
    setTimeout(() => {
      child.stdout.destroy();
      child.stderr.destroy();
    }, DRAIN_MS).unref();
  });
  const result = await child;
  stop.ended();
  return {
    end: endOf(result, stop.cause(), spec.timeoutMs),
    stdout: stdout.text(),
    stderr: stderr.text(),
    durationMs: result.durationMs,
  };
}

function collect(stream: Readable, maxBytes: number): { text(): string } {
  const buffer = createOutputBuffer(maxBytes);
  stream.on("data", (chunk: Buffer) => buffer.push(chunk));
  // A pipe cut off on purpose is no fault; the process's end tells what happened.
  stream.on("error", () => undefined);
  return buffer;
}

type StopCause = "timeout" | "abort" | null;

/** Ends the group at the timeout or on abort, and remembers which it was. */
function stopper(pid: number | undefined, spec: CommandSpec): { ended(): void; cause(): StopCause } {
  let cause: StopCause = null;
  let killTimer: NodeJS.Timeout | undefined;
  const stop = (why: "timeout" | "abort") => {
    if (cause !== null) return;
    cause = why;
    signalGroup(pid, "SIGTERM");
    killTimer = setTimeout(() => signalGroup(pid, "SIGKILL"), KILL_AFTER_MS);
  };
  const onAbort = () => stop("abort");
  const timer = setTimeout(() => stop("timeout"), spec.timeoutMs);
  spec.signal?.addEventListener("abort", onAbort, { once: true });
  return {
    ended() {
      clearTimeout(timer);
      clearTimeout(killTimer);
      spec.signal?.removeEventListener("abort", onAbort);
      // What ignored SIGTERM in the group outlives the command that was stopped; it does not outlive this.
      if (cause !== null) signalGroup(pid, "SIGKILL");
    },
    cause: () => cause,
  };
}

function signalGroup(pid: number | undefined, signal: NodeJS.Signals): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, signal);
  } catch {
    // The group is gone already.
  }
}

function endOf(
  result: Pick<Result, "exitCode" | "signal" | "originalMessage">,
  cause: StopCause,
  timeoutMs: number,
): ProcessEnd {
  if (cause === "timeout") return { kind: "timeout", afterMs: timeoutMs };
  if (cause === "abort") return { kind: "signal", signal: result.signal ?? "SIGTERM" };
  if (result.signal !== undefined) return { kind: "signal", signal: result.signal };
  if (result.exitCode !== undefined) return { kind: "exit", code: result.exitCode };
  return { kind: "unstartable", reason: result.originalMessage ?? "it did not start" };
}
