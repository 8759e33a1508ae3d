import { createReadStream, createWriteStream } from "node:fs";
import { rename, rm } from "node:fs/promises";
import { pipeline } from "node:stream/promises";
import { type Command, InvalidArgumentError } from "commander";
import { type AuditCheck, type ChainWalk, readExportLine, walkChain } from "../domain/auditChain.ts";
import { messageOf } from "../domain/errors.ts";
import { type CliCommand, CliError, type Io, printJson, printLine } from "./io.ts";
import { createRestClient } from "./restClient.ts";
import { type CommonOptions, withServerOptions } from "./serverOptions.ts";

/** What the audit commands need from the composition root. */
export interface AuditDeps {
  /** Verifies the log of a data folder. Throws SelfhealError `storage` if the folder has no log. */
  verifyAuditIn: (dataDir: string, expect?: string) => Promise<AuditCheck>;
}

interface VerifyOptions extends CommonOptions {
  file?: string;
  data?: string;
  expect?: string;
  part?: true;
}

interface ExportOptions extends CommonOptions {
  out?: string;
  ticket?: string;
}

/** `selfheal audit verify` and `selfheal audit export`. */
export function auditCommand(deps: AuditDeps): CliCommand {
  return (program: Command, io: Io) => {
    const audit = program.command("audit").description("check the audit log, or carry it away");
    withServerOptions(audit.command("verify"))
      .description("check every entry's hash and its place in the chain; exit 1 when the log is broken")
      .option("--file <export>", "check an exported file instead of a running server's log")
      .option("--data <folder>", "check the log in a data folder")
      .option("--expect <head>", "a head that was noted before: shows a log whose end was cut off", headHash)
      .option("--part", "with --file: the file holds a part of the log, so check each entry on its own")
      .action(async (options: VerifyOptions) => tell(io, options, await verified(deps, io, options)));
    withServerOptions(audit.command("export"))
      .description("print the log, oldest first: one JSON entry a line, with its hash")
      .option("--out <file>", "write to this file")
      .option("--ticket <id>", "only this ticket's entries")
      .action((options: ExportOptions) => exported(io, options));
  };
}

async function verified(deps: AuditDeps, io: Io, options: VerifyOptions): Promise<AuditCheck> {
  const { file, data, expect, part } = options;
  if (file !== undefined && data !== undefined) throw new CliError("--file or --data, not both");
  if (part && file === undefined) throw new CliError("--part goes with --file");
  if (data !== undefined) return deps.verifyAuditIn(data, expect);
  if (file === undefined) return createRestClient(io, options).verifyAudit(expect);
  const chain = walkChain({ ...(expect !== undefined && { expect }), ...(part && { part }) });
  try {
    await walkLines(createReadStream(file), chain);
  } catch (cause) {
    throw new CliError(`${file}: ${messageOf(cause)}`, 1, { cause });
  }
  return chain.result();
}

function tell(io: Io, { json, file, part }: VerifyOptions, check: AuditCheck): void {
  if (json) printJson(io, check);
  if (check.kind === "broken") {
    const hint =
      file !== undefined && !part && check.reason.endsWith("is missing")
        ? "\nIf the file holds one ticket's entries, check it with --part."
        : "";
    throw new CliError(json ? "" : `The log is broken at entry ${check.sequence}: ${check.reason}.${hint}`);
  }
  if (json) return;
  printLine(io, `${check.entries} entries, each as it was written${part ? "" : ", none missing"}.`);
  if (!part) printLine(io, `head ${check.head}`);
}

async function exported(io: Io, options: ExportOptions): Promise<void> {
  const { out, ticket } = options;
  const lines = await createRestClient(io, options).exportAudit(ticket);
  const chain = walkChain({ part: ticket !== undefined });
  const checked = passingBy(lines, chain);
  if (out === undefined) for await (const text of checked) io.stdout.write(text);
  else await written(out, checked);
  const check = chain.result();
  if (check.kind === "broken") throw new CliError(`The log is broken at entry ${check.sequence}: ${check.reason}.`);
  // On stderr, because stdout contains the log.
  const head = ticket === undefined ? `; head ${check.head}` : "";
  io.stderr.write(`${check.entries} entries${head}\n`);
}

/** Writes the whole file or none, so that an interrupted export cannot pass for a complete one. */
async function written(file: string, text: AsyncIterable<string>): Promise<void> {
  const unfinished = `${file}.part`;
  try {
    await pipeline(text, createWriteStream(unfinished, { mode: 0o600 }));
    await rename(unfinished, file);
  } catch (cause) {
    await rm(unfinished, { force: true });
    throw new CliError(`cannot write ${file}: ${messageOf(cause)}`, 1, { cause });
  }
}

async function* passingBy(stream: AsyncIterable<Uint8Array>, chain: ChainWalk): AsyncGenerator<string> {
  for await (const line of linesOf(stream)) {
    chain.add(readExportLine(line));
    yield `${line}\n`;
  }
}

async function walkLines(stream: AsyncIterable<Uint8Array>, chain: ChainWalk): Promise<void> {
  let number = 0;
  for await (const line of linesOf(stream)) {
    number += 1;
    try {
      if (!chain.add(readExportLine(line))) return;
    } catch (cause) {
      throw new Error(`line ${number} is no audit entry: ${messageOf(cause)}`, { cause });
    }
  }
}

/** Splits at line feeds only. Facts may contain the other characters that readline also takes for line ends. */
async function* linesOf(stream: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let rest = "";
  for await (const chunk of stream) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split("\n");
    rest = lines.pop() ?? "";
    yield* lines.filter((line) => line !== "");
  }
  if (rest !== "") yield rest;
}

function headHash(text: string): string {
  if (/^[0-9a-f]{64}$/.test(text)) return text;
  throw new InvalidArgumentError("A head is 64 hex digits, as selfheal audit verify prints it.");
}
