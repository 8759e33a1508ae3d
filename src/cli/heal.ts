import { readFileSync, realpathSync, writeFileSync } from "node:fs";
import { relative } from "node:path";
import type { Command } from "commander";
import { describeDuration } from "../domain/duration.ts";
import { InvalidInputError, messageOf } from "../domain/errors.ts";
import type { OneShotRequest, OneShotResult } from "../domain/oneShot.ts";
import type { ProcessRunner } from "../domain/ports.ts";
import { type CliCommand, CliError, type Io, printJson, printLine } from "./io.ts";
import { paintFor } from "./paint.ts";
import { renderReceipt } from "./receipt.ts";

/** What a one-shot run is asked, and what it answers; made by the composition root. */
export interface HealDeps {
  processes: ProcessRunner;
  healOnce(request: OneShotRequest): Promise<OneShotResult>;
}

interface HealOptions {
  repo: string;
  event: string;
  repro?: string;
  test?: string;
  setup?: string;
  testTimeout?: string;
  brain: string;
  model?: string;
  baseUrl?: string;
  out?: string;
  json?: true;
}

const BRAINS = ["rules", "rulesThenModel", "model"] as const;

/** `selfheal heal`: one event, one repository, no server. Exit 0 a patch with at least E1, 2 abstained, 1 an error. */
export function healCommand(deps: HealDeps): CliCommand {
  return (program: Command, io: Io) => {
    program
      .command("heal")
      .description("heal one captured event in a repository, and print ticket, evidence and diff; nothing is changed")
      .requiredOption("--repo <dir>", "the git repository (its working tree is never touched; HEAD is what is healed)")
      .requiredOption("--event <file>", "the captured event as JSON: native or Sentry form (docs/events.md)")
      .option("--repro <command>", "fails when the exception happens; gets the event in the file $SELFHEAL_EVENT")
      .option("--test <command>", "the test suite (default: the one found in the repository, if it is green)")
      .option("--setup <command>", "run once before the others, e.g. to build")
      .option("--test-timeout <seconds>", "how long one command may take (default: 120)")
      .option("--brain <name>", BRAINS.join(", "), "rules")
      .option("--model <name>", "the model's name")
      .option("--base-url <url>", "an OpenAI-compatible endpoint (key in OPENAI_API_KEY)")
      .option("--out <file>", "write the diff here")
      .option("--json", "print JSON")
      .action((options: HealOptions) => heal(deps, io, options));
  };
}

async function heal(deps: HealDeps, io: Io, options: HealOptions): Promise<void> {
  const brain = BRAINS.find((name) => name === options.brain);
  if (brain === undefined) throw new CliError(`--brain ${options.brain}: must be one of ${BRAINS.join(", ")}`);
  const place = await placeOf(deps.processes, options.repo);
  const event = readEvent(options.event);
  const result = await healed(deps, options.event, {
    ...place,
    event,
    ...(options.repro && { reproduceCommand: options.repro }),
    ...(options.test && { testCommand: options.test }),
    ...(options.setup && { setupCommand: options.setup }),
    ...(options.testTimeout && { testTimeoutMs: milliseconds(options.testTimeout) }),
    brain,
    model: { ...(options.model && { name: options.model }), ...(options.baseUrl && { baseUrl: options.baseUrl }) },
  });
  if (options.json) printJson(io, result);
  else {
    const receipt = { ticket: result.ticket, issues: [], deployment: null, audit: [], diff: result.diff };
    printLine(io, renderReceipt(receipt, paintFor(io)));
    const took = describeDuration(result.durationMs);
    printLine(io, `\n${result.outcome === "patch" ? "A patch" : "Abstained"} after ${took}: ${result.reason}`);
  }
  if (result.outcome === "abstained") throw new CliError("", 2);
  if (options.out !== undefined) writeDiff(options.out, result.diff ?? "");
}

async function healed(deps: HealDeps, file: string, request: OneShotRequest): Promise<OneShotResult> {
  try {
    return await deps.healOnce(request);
  } catch (cause) {
    if (!(cause instanceof InvalidInputError) || cause.code !== "event") throw cause;
    throw new CliError(`the event ${file} cannot be used: ${cause.message}`, 1, { cause });
  }
}

function writeDiff(file: string, diff: string): void {
  try {
    writeFileSync(file, diff);
  } catch (cause) {
    throw new CliError(`cannot write the diff: ${messageOf(cause)}`, 1, { cause });
  }
}

/** The repository's top folder, and where in it `dir` is; both by their real paths, as git names them. */
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

function readEvent(file: string): unknown {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (cause) {
    throw new CliError(`cannot read the event ${file}: ${messageOf(cause)}`, 1, { cause });
  }
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new CliError(`the event ${file} is not JSON: ${messageOf(cause)}`, 1, { cause });
  }
}

function milliseconds(seconds: string): number {
  const value = Number(seconds);
  if (!Number.isFinite(value) || value <= 0)
    throw new CliError(`--test-timeout ${seconds}: must be a number of seconds`);
  return Math.round(value * 1000);
}
