import type { Observation, ProcessEnd } from "../../domain/evidence.ts";
import type { BlobStore } from "../../domain/ports/blobStore.ts";
import type { Sandbox } from "../../domain/ports/sandbox.ts";
import type { Workspace } from "../../domain/ports/workspace.ts";
import { cleanText, tailOf } from "../sandbox/outputBuffer.ts";

/** An Observation together with the whole output it is of. */
export interface CommandRun {
  observation: Observation;
  output: string;
  /** The reports that were asked for, by path. */
  collected: Record<string, string>;
  /** V8's coverage files of every Node process, where that was asked for. */
  coverage: readonly string[];
}

/** What to run, and what to keep of it. */
export interface ObserveSpec {
  command: string;
  on: "base" | "patch";
  timeoutMs: number;
  files?: Record<string, string>;
  network?: boolean;
  /** What the observation calls the command, where more is run than that. */
  shownAs?: string;
  collect?: boolean | undefined;
  /** Has every Node process write which lines it ran. */
  coverage?: boolean | undefined;
  signal?: AbortSignal | undefined;
}

const WITH_COVERAGE = 'export NODE_V8_COVERAGE="$SELFHEAL_OUT/v8"; ';

/** Runs a command in the sandbox and keeps what it printed. */
export type ObserveCommand = (workspace: Workspace, spec: ObserveSpec) => Promise<CommandRun>;

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
 * Why a command's end is no evidence, or null. 126 and 127 are the shell's word for a tool that cannot be run; a signal
 * comes from outside (out of memory) or from a runtime that broke.
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

export function outcomeOf(end: ProcessEnd): "passed" | "failed" | "infrastructure" {
  if (infrastructureFault(end) !== null) return "infrastructure";
  return end.kind === "exit" && end.code === 0 ? "passed" : "failed";
}
