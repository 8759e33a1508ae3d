import { realpathSync } from "node:fs";
import { relative } from "node:path";
import type { Command } from "commander";
import { messageOf } from "../domain/errors.ts";
import type { LocalRequest } from "../domain/oneShot.ts";
import type { ProcessRunner } from "../domain/ports/processRunner.ts";
import { CliError } from "./io.ts";

const BRAINS = ["rules", "rulesThenModel", "model"] as const;

/** Options of the commands that work on a repository without a server. */
export interface LocalOptions {
  repo: string;
  repro?: string;
  test?: string;
  setup?: string;
  testTimeout?: string;
  brain: string;
  model?: string;
  baseUrl?: string;
  json?: true;
}

/** Adds these options to a command. */
export function withLocalOptions(command: Command): Command {
  return command
    .requiredOption("--repo <dir>", "the git repository (its working tree is never touched; HEAD is what is healed)")
    .option("--repro <command>", "fails when the exception happens; gets the event in the file $SELFHEAL_EVENT")
    .option("--test <command>", "the test suite (default: the one found in the repository, if it is green)")
    .option("--setup <command>", "run once before the others, e.g. to build")
    .option("--test-timeout <seconds>", "how long one command may take (default: 120)")
    .option("--brain <name>", BRAINS.join(", "), "rules")
    .option("--model <name>", "the model's name")
    .option("--base-url <url>", "an OpenAI-compatible endpoint (key in OPENAI_API_KEY)")
    .option("--json", "print JSON");
}

/**
 * Converts the options to a request. Throws CliError if the folder is not in a git repository, or if an option has an
 * invalid value.
 */
export async function localRequest(processes: ProcessRunner, options: LocalOptions): Promise<LocalRequest> {
  const brain = BRAINS.find((name) => name === options.brain);
  if (brain === undefined) throw new CliError(`--brain ${options.brain}: must be one of ${BRAINS.join(", ")}`);
  const place = await placeOf(processes, options.repo);
  return {
    ...place,
    ...(options.repro && { reproduceCommand: options.repro }),
    ...(options.test && { testCommand: options.test }),
    ...(options.setup && { setupCommand: options.setup }),
    ...(options.testTimeout && { testTimeoutMs: milliseconds(options.testTimeout) }),
    brain,
    model: { ...(options.model && { name: options.model }), ...(options.baseUrl && { baseUrl: options.baseUrl }) },
  };
}

/**
 * The repository's top folder, and the path of `dir` inside it. Both are real paths, because git reports real paths.
 */
async function placeOf(processes: ProcessRunner, dir: string): Promise<{ repo: string; root: string }> {
  const cwd = realFolder(dir);
  const asked = await processes.run({ command: "git rev-parse --show-toplevel", cwd, timeoutMs: 10_000 });
  if (asked.end.kind !== "exit" || asked.end.code !== 0) {
    throw new CliError(`${cwd} is not in a git repository: ${asked.stderr.trim() || "git could not be asked"}`);
  }
  const repo = asked.stdout.trim();
  return { repo, root: relative(repo, cwd) || "." };
}

function realFolder(dir: string): string {
  try {
    return realpathSync(dir);
  } catch (cause) {
    throw new CliError(`cannot open --repo ${dir}: ${messageOf(cause)}`, 1, { cause });
  }
}

function milliseconds(seconds: string): number {
  const value = Number(seconds);
  if (!Number.isFinite(value) || value <= 0)
    throw new CliError(`--test-timeout ${seconds}: must be a number of seconds`);
  return Math.round(value * 1000);
}
