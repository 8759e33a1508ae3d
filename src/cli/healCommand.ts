import { readFileSync, writeFileSync } from "node:fs";
import type { Command } from "commander";
import { describeDuration } from "../domain/duration.ts";
import { InvalidInputError, messageOf } from "../domain/errors.ts";
import type { OneShotRequest, OneShotResult } from "../domain/oneShot.ts";
import type { ProcessRunner } from "../domain/ports/processRunner.ts";
import { paintFor } from "./colors.ts";
import { type CliCommand, CliError, type Io, printJson, printLine } from "./io.ts";
import { type LocalOptions, localRequest, withLocalOptions } from "./oneShotOptions.ts";
import { renderReceipt } from "./receiptText.ts";

/** What the heal command needs from the composition root. */
export interface HealDeps {
  processes: ProcessRunner;
  healOnce(request: OneShotRequest): Promise<OneShotResult>;
}

interface HealOptions extends LocalOptions {
  event: string;
  out?: string;
}

/**
 * `selfheal heal`: heals one Event in one repository, without a server. Exit codes: 0 a Patch with at least E1, 2
 * abstained, 1 an error.
 */
export function healCommand(deps: HealDeps): CliCommand {
  return (program: Command, io: Io) => {
    withLocalOptions(program.command("heal"))
      .description("heal one captured event in a repository, and print ticket, evidence and diff; nothing is changed")
      .requiredOption("--event <file>", "the captured event as JSON: native or Sentry form (docs/events.md)")
      .option("--out <file>", "write the diff here")
      .action((options: HealOptions) => heal(deps, io, options));
  };
}

async function heal(deps: HealDeps, io: Io, options: HealOptions): Promise<void> {
  const request = await localRequest(deps.processes, options);
  const event = readEvent(options.event);
  const result = await healed(deps, options.event, { ...request, event });
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
