import type { Observation, ProcessEnd } from "../domain/evidence.ts";
import type { BlobStore, Sandbox, Workspace } from "../domain/ports.ts";
import { cleanText, tailOf } from "./output.ts";

/** An Observation together with the whole output it is of. */
export interface Seen {
  observation: Observation;
  output: string;
}

interface ObserveSpec {
  command: string;
  on: "base" | "patch";
  timeoutMs: number;
  files?: Record<string, string>;
  network?: boolean;
  signal?: AbortSignal | undefined;
}

/** Runs a command in the sandbox and keeps what it printed. */
export type Observe = (workspace: Workspace, spec: ObserveSpec) => Promise<Seen>;

export function createObserve(deps: { sandbox: Sandbox; blobs: BlobStore }): Observe {
  return async (workspace, spec) => {
    const { command, on, timeoutMs, files, network, signal } = spec;
    signal?.throwIfAborted();
    const result = await deps.sandbox.run(workspace, {
      command,
      timeoutMs,
      ...(files && { files }),
      ...(network && { network }),
      ...(signal && { signal }),
    });
    signal?.throwIfAborted();
    const output = cleanText([result.stdout, result.stderr].filter((text) => text !== "").join("\n"));
    const observation: Observation = {
      command,
      on,
      end: result.end,
      durationMs: Math.round(result.durationMs),
      sandbox: deps.sandbox.grade,
      output: await deps.blobs.put(output),
      tail: tailOf(output),
    };
    return { observation, output };
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
