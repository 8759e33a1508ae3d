import { readFileSync } from "node:fs";
import type { Command } from "commander";
import { describeDuration } from "../domain/duration.ts";
import { messageOf } from "../domain/errors.ts";
import type { ReplayedTicket, ReplayReport, ReplayRequest } from "../domain/oneShot.ts";
import type { ProcessRunner } from "../domain/ports/processRunner.ts";
import { type CliCommand, CliError, type Io, printJson, printLine } from "./io.ts";
import { type LocalOptions, localRequest, withLocalOptions } from "./oneShotOptions.ts";
import { clipped } from "./textTable.ts";

/** What the replay command needs from the composition root. */
export interface ReplayDeps {
  processes: ProcessRunner;
  replay(request: ReplayRequest): Promise<ReplayReport>;
}

interface ReplayOptions extends LocalOptions {
  events: string;
  observe?: true;
}

/**
 * `selfheal replay`: reports which past Events selfheal would have healed, which it would have skipped and why, and the
 * cost.
 */
export function replayCommand(deps: ReplayDeps): CliCommand {
  return (program: Command, io: Io) => {
    withLocalOptions(program.command("replay"))
      .description("what would have been fixed of past events, what skipped and why, at what cost; nothing is changed")
      .requiredOption("--events <file>", "captured events: a JSON array, or one JSON object a line")
      .option("--observe", "nothing is written, deployed or asked (the only way there is; for scripts that say so)")
      .action(async (options: ReplayOptions) => {
        const request = await localRequest(deps.processes, options);
        const report = await deps.replay({ ...request, events: readEvents(options.events) });
        if (options.json) return printJson(io, report);
        printLine(io, renderReport(report));
      });
  };
}

/**
 * Reads a JSON array, or one JSON value per line. Throws CliError if the file cannot be read, and names the line that
 * is not JSON.
 */
function readEvents(file: string): unknown[] {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (cause) {
    throw new CliError(`cannot read the events ${file}: ${messageOf(cause)}`, 1, { cause });
  }
  if (text.trimStart().startsWith("[")) return jsonOf(text, file) as unknown[];
  const lines = text.split("\n").map((line, i) => ({ line, place: `${file}, line ${i + 1}` }));
  return lines.filter(({ line }) => line.trim() !== "").map(({ line, place }) => jsonOf(line, place));
}

function jsonOf(text: string, place: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new CliError(`the events in ${place} are not JSON: ${messageOf(cause)}`, 1, { cause });
  }
}

const PARTS = [
  ["What would have been fixed", (one: ReplayedTicket) => one.outcome === "patch"],
  ["What would have been left alone", (one: ReplayedTicket) => one.outcome === "abstained"],
  ["What went wrong", (one: ReplayedTicket) => one.outcome === "failed"],
] as const;

function renderReport(report: ReplayReport): string {
  const { tickets, unreadable, durationMs } = report;
  const head = `${report.events} events, ${report.issues} issues, ${tickets.length} root causes`;
  const parts = PARTS.flatMap(([title, belongs]) => {
    const lines = tickets.filter(belongs).map(describe);
    return lines.length === 0 ? [] : ["", `${title} (${lines.length}):`, ...lines];
  });
  const faults = unreadable.map(
    ({ index, faults: [first] }) => `  event ${index + 1}: ${first?.path ?? ""} ${first?.message ?? ""}`,
  );
  const unread = faults.length === 0 ? [] : ["", `What could not be read (${faults.length}):`, ...faults.slice(0, 20)];
  return [head, ...parts, ...unread, "", `${describeDuration(durationMs)}; ${costOf(report)}`].join("\n");
}

function describe(one: ReplayedTicket): string {
  const { ticket, events, reason } = one;
  const head = `  ${ticket.severity.padEnd(8)} ${clipped(ticket.title, 90)}  (${events} events)`;
  if (one.outcome !== "patch") return `${head}\n           ${clipped(reason, 200)}`;
  const way = one.byItself
    ? "by itself at level full"
    : `after a person's yes${one.shortOf.length === 0 ? "" : `: ${one.shortOf.join(", ")}`}`;
  return `${head}\n           ${ticket.patch?.by ?? ""}, ${reason}; ${way}`;
}

function costOf({ tokens, usd, unpriced }: ReplayReport): string {
  if (tokens === 0) return "no model was asked";
  return `${tokens} tokens, ${usd.toFixed(4)} USD${unpriced > 0 ? ` (${unpriced} tokens without a price)` : ""}`;
}
