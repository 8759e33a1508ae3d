import type { CliCommand, Io } from "../../src/cli/io.ts";
import { createProgram, runProgram } from "../../src/cli/program.ts";

export interface CliRun {
  code: number;
  stdout: string;
  stderr: string;
}

/** Runs the command line in this process; `world` replaces parts of an empty environment. */
export async function runCli(
  argv: readonly string[],
  world: Partial<Pick<Io, "env" | "fetch">> & { tty?: boolean; commands?: readonly CliCommand[] } = {},
): Promise<CliRun> {
  const written = { stdout: "", stderr: "" };
  const io: Io = {
    stdout: { write: (text) => (written.stdout += text), isTTY: world.tty },
    stderr: { write: (text) => (written.stderr += text) },
    env: world.env ?? {},
    fetch: world.fetch ?? fetch,
  };
  const code = await runProgram(createProgram(io, world.commands), argv, io);
  return { code, ...written };
}
