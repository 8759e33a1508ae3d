import { execFile } from "node:child_process";
import type { CliRun } from "./cliRun.ts";

const ENTRY = new URL("../../src/cli/index.ts", import.meta.url).pathname;

/** `selfheal …` in a process of its own, as people run it. Nothing of this process's environment but PATH and HOME. */
export function selfheal(argv: readonly string[], env: Record<string, string> = {}): Promise<CliRun> {
  const options = { env: { PATH: process.env.PATH, HOME: process.env.HOME, ...env }, maxBuffer: 16 * 1024 * 1024 };
  return new Promise((resolve, reject) => {
    const child = execFile(process.execPath, ["--import", "tsx", ENTRY, ...argv], options, (error, stdout, stderr) => {
      if (child.exitCode === null) reject(error ?? new Error("it was killed"));
      else resolve({ code: child.exitCode, stdout, stderr });
    });
  });
}
