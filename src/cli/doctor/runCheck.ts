import type { ProcessResult, ProcessRunner } from "../../domain/ports/processRunner.ts";

const TIMEOUT_MS = 10_000;

/**
 * Runs one of doctor's commands. Variable values are passed in the environment, never in the command's text, so that
 * they cannot inject shell code.
 */
export function runCheck(
  processes: ProcessRunner,
  command: string,
  env: Record<string, string> = {},
): Promise<ProcessResult> {
  return processes.run({ command, cwd: "/", timeoutMs: TIMEOUT_MS, env });
}

export function succeeded({ end }: ProcessResult): boolean {
  return end.kind === "exit" && end.code === 0;
}
