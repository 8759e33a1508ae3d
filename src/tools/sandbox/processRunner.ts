import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import type { Readable } from "node:stream";
import { execa, type Result } from "execa";
import type { ProcessEnd } from "../../domain/evidence.ts";
import type { CommandSpec, ProcessResult, ProcessRunner } from "../../domain/ports/processRunner.ts";
import { createOutputBuffer } from "./outputBuffer.ts";

/** Grace period between SIGTERM and SIGKILL. */
const KILL_AFTER_MS = 2000;
/** How long output is still read after the command has exited. Its pipes are then closed. */
const DRAIN_MS = 500;
/** Default limit for each of stdout and stderr. */
const MAX_OUTPUT_BYTES = 4 * 1024 * 1024;
const SYSTEM_PATH = ["/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin"];

/** Default PATH of commands: this Node's folder first, then the system's folders. */
export function defaultPath(): string {
  return [dirname(process.execPath), ...SYSTEM_PATH].join(delimiter);
}

/** Defaults for all commands of a runner. */
export interface ProcessRunnerOptions {
  /** PATH of the commands; default: this Node's folder and the system's folders. */
  path?: string;
  /** HOME of the commands; default: a temporary folder per command, removed when the command ends. */
  home?: string;
  /** Bytes kept of each of stdout and stderr: the first and the last half of this limit. */
  maxOutputBytes?: number;
}

/** A ProcessRunner that can also kill the processes that the command leaves in its group. */
export interface LocalProcessRunner extends ProcessRunner {
  run(spec: CommandSpec & { leftovers?: "leave" | "kill" }): Promise<ProcessResult>;
}

/**
 * Runs commands through `sh -c`, each in its own process group. On timeout and on abort the whole group gets SIGTERM,
 * and SIGKILL two seconds later.
 *
 * A command that ends by itself may leave processes running (`leftovers: "leave"`, the default). A deploy command
 * starts a daemon this way. Such a daemon must detach itself in two ways. It must redirect its output (`>app.log
 * 2>&1`), because the pipes are closed when the command ends. It must leave the group (`setsid`, or `detached: true` in
 * Node), so that a later timeout of the command does not kill it.
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
  // Waits for the command's exit, not for its pipes: a process it left running may keep the pipes open for ever.
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
  // An error of a pipe that was closed on purpose is no fault. The exit of the process says what happened.
  stream.on("error", () => undefined);
  return buffer;
}

type StopCause = "timeout" | "abort" | null;

/** Ends the group at the timeout or on abort, and remembers the cause. */
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
      // After a stop, kills the processes of the group that ignored SIGTERM and outlived the command.
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
    // The group has already ended.
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
