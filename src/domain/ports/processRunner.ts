import type { ProcessEnd } from "../evidence.ts";

/** A command to run. It gets only the given environment, plus PATH and a HOME of its own. */
export interface CommandSpec {
  /** Run through `sh -c`. */
  command: string;
  cwd: string;
  timeoutMs: number;
  env?: Record<string, string>;
  signal?: AbortSignal;
}

/** How a command ended, and what it printed. */
export interface ProcessResult {
  end: ProcessEnd;
  stdout: string;
  stderr: string;
  durationMs: number;
}

/**
 * Runs a command on the host. Use it only for trusted commands of the operator, such as deploy and health commands.
 * Never throws because of how the process ended; read `end`.
 */
export interface ProcessRunner {
  run(spec: CommandSpec): Promise<ProcessResult>;
}
