import type { ProcessEnd } from "../evidence.ts";

/** A command to run. Only the given environment reaches it, plus PATH and a HOME of its own. */
export interface CommandSpec {
  /** Run through `sh -c`. */
  command: string;
  cwd: string;
  timeoutMs: number;
  env?: Record<string, string>;
  signal?: AbortSignal;
}

export interface ProcessResult {
  end: ProcessEnd;
  stdout: string;
  stderr: string;
  durationMs: number;
}

/** Runs a command on the host (deploy and health commands: the operator's own, trusted). Never throws for how the process ended. */
export interface ProcessRunner {
  run(spec: CommandSpec): Promise<ProcessResult>;
}
