import type { Observation, ProcessEnd } from "../../domain/evidence.ts";
import type { BlobStore } from "../../domain/ports/blobStore.ts";
import type { Sandbox } from "../../domain/ports/sandbox.ts";
import type { Workspace } from "../../domain/ports/workspace.ts";
import { cleanText, tailOf } from "../sandbox/outputBuffer.ts";

/** An Observation together with its whole output. */
export interface CommandRun {
  observation: Observation;
  output: string;
  /** The collected reports, by path. */
  collected: Record<string, string>;
  /** V8 coverage files of every Node process, if coverage was requested. */
  coverage: readonly string[];
}

/** A command to run, and what to keep of it. */
export interface ObserveSpec {
  command: string;
  on: "base" | "patch";
  /** In milliseconds. */
  timeoutMs: number;
  /** File contents by environment variable. Each variable is set to the path of its file. */
  files?: Record<string, string>;
  /** Whether the command uses the host's network. Default false. */
  network?: boolean;
  /** The command's name in the observation, if the command that runs is longer. */
  shownAs?: string;
  /** Whether to read the reports that the command writes to `$SELFHEAL_OUT`. */
  collect?: boolean | undefined;
  /** Makes every Node process write V8 coverage. */
  coverage?: boolean | undefined;
  signal?: AbortSignal | undefined;
}

const WITH_COVERAGE = 'export NODE_V8_COVERAGE="$SELFHEAL_OUT/v8"; ';

/**
 * Runs a command in the sandbox and stores its output in the blob store. Throws the signal's reason when it is aborted.
 *
 * @example
 * const { observation } = await observe(workspace, { command: "npm test", on: "patch", timeoutMs: 60_000 });
 */
export type ObserveCommand = (workspace: Workspace, spec: ObserveSpec) => Promise<CommandRun>;

/** Makes the function that runs commands in `sandbox` and stores their whole outputs in `blobs`. */
export function createObserveCommand(deps: { sandbox: Sandbox; blobs: BlobStore }): ObserveCommand {
  return async (workspace, spec) => {
    const { on, timeoutMs, files, network, signal } = spec;
    const command = spec.coverage === true ? WITH_COVERAGE + spec.command : spec.command;
    const collect = spec.collect === true || spec.coverage === true;
    signal?.throwIfAborted();
    const result = await deps.sandbox.run(workspace, {
      command,
      timeoutMs,
      ...(files && { files }),
      ...(network && { network }),
      ...(collect && { collect }),
      ...(signal && { signal }),
    });
    signal?.throwIfAborted();
    const output = cleanText([result.stdout, result.stderr].filter((text) => text !== "").join("\n"));
    const observation: Observation = {
      command: spec.shownAs ?? spec.command,
      on,
      end: result.end,
      durationMs: Math.round(result.durationMs),
      sandbox: deps.sandbox.grade,
      output: await deps.blobs.put(output),
      tail: tailOf(output),
    };
    const collected = result.collected ?? {};
    const coverage = Object.entries(collected).flatMap(([path, text]) => (path.startsWith("v8/") ? [text] : []));
    return { observation, output, collected, coverage };
  };
}

/**
 * Why a command's end is no evidence; null if it is evidence. The shell exits with 126 or 127 for a tool that cannot
 * run. A signal comes from outside (out of memory) or from a broken runtime.
 */
export function infrastructureFault(end: ProcessEnd): string | null {
  switch (end.kind) {
    case "timeout":
      return `it did not end within ${end.afterMs} ms`;
    case "unstartable":
      return end.reason;
    case "signal":
      return `it was ended by ${end.signal}`;
    case "exit":
      return end.code === 126 || end.code === 127 ? `a tool is missing (exit ${end.code})` : null;
  }
}

/** passed: exit code 0. infrastructure: see infrastructureFault. failed: any other end. */
export function outcomeOf(end: ProcessEnd): "passed" | "failed" | "infrastructure" {
  if (infrastructureFault(end) !== null) return "infrastructure";
  return end.kind === "exit" && end.code === 0 ? "passed" : "failed";
}
