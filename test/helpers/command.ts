import { execFile } from "node:child_process";
import type { CliRun } from "./cliRun.ts";
import { programArgs } from "./program.ts";

/** `selfheal …` in a process of its own, as people run it. Nothing of this process's environment but PATH and HOME. */
export async function selfheal(argv: readonly string[], env: Record<string, string> = {}): Promise<CliRun> {
  const program = await programArgs("src/cli/index.ts");
  const options = { env: { PATH: process.env.PATH, HOME: process.env.HOME, ...env }, maxBuffer: 16 * 1024 * 1024 };
  return new Promise((resolve, reject) => {
    const child = execFile(process.execPath, [...program, ...argv], options, (error, stdout, stderr) => {
      if (child.exitCode === null) reject(error ?? new Error("it was killed"));
      else resolve({ code: child.exitCode, stdout, stderr });
    });
  });
}
