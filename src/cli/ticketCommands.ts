import type { Command } from "commander";
import type { AgentPrompt } from "../domain/agentPrompt.ts";
import { plainText, revealed } from "../domain/plainText.ts";
import type { Ticket } from "../domain/ticket.ts";
import { paintFor } from "./colors.ts";
import { CliError, type Io, printJson, printLine } from "./io.ts";
import { renderReceipt } from "./receiptText.ts";
import { createRestClient } from "./restClient.ts";
import { type CommonOptions, withServerOptions } from "./serverOptions.ts";
import { clipped, textTable, utcTime } from "./textTable.ts";

interface TicketsOptions extends CommonOptions {
  state?: string;
  service?: string;
}

/** `tickets` and `show`. */
export function addTicketCommands(program: Command, io: Io): void {
  withServerOptions(program.command("tickets"))
    .description("list the tickets, newest first")
    .option("--state <state>", "only this state, e.g. awaitingApproval")
    .option("--service <name>", "only this service")
    .action(async (options: TicketsOptions) => {
      const { state, service } = options;
      const filter = { ...(state === undefined ? {} : { state }), ...(service === undefined ? {} : { service }) };
      const tickets = await createRestClient(io, options).tickets(filter);
      if (options.json) return printJson(io, { tickets });
      printLine(io, tickets.length === 0 ? "No tickets." : ticketTable(tickets));
    });

  withServerOptions(program.command("show"))
    .description("print a ticket as a receipt: evidence, diff, decisions, timeline")
    .argument("<id>", "the ticket's id, or its first six or more characters")
    .option("--diff", "print only the patch, as git apply takes it")
    .option("--prompt", "print what a model would be sent for it, by each agent; none is asked")
    .action(async (ref: string, options: CommonOptions & { diff?: true; prompt?: true }) => {
      if (options.prompt) return printPrompts(io, await createRestClient(io, options).prompts(ref), options.json);
      const receipt = await createRestClient(io, options).receipt(ref);
      if (options.diff) return printDiff(io, receipt.diff);
      if (options.json) return printJson(io, receipt);
      printLine(io, renderReceipt(receipt, paintFor(io)));
    });
}

function printPrompts(io: Io, prompts: readonly AgentPrompt[], asJson = false): void {
  if (asJson) {
    printJson(io, { prompts });
    return;
  }
  const turnText = ({ role, content }: AgentPrompt["turns"][number]) => `--- ${role} ---\n${revealed(content)}`;
  const text = prompts.map(({ agent, brain, turns, tools, why }) => {
    const head = `=== ${agent} (${brain}) ===`;
    if (why !== null) return `${head}\nNothing would be sent: ${plainText(why)}.`;
    const last = tools.length === 0 ? [] : [`--- tools ---\n${tools.join(", ")}`];
    return [head, ...turns.map(turnText), ...last].join("\n");
  });
  printLine(io, text.join("\n\n"));
}

function printDiff(io: Io, diff: string | null): void {
  if (diff === null) throw new CliError("This ticket has no patch that is kept.");
  // A terminal gets invisible characters made visible; a pipe gets the exact bytes.
  io.stdout.write(io.stdout.isTTY ? revealed(diff) : diff);
}

function ticketTable(tickets: readonly Ticket[]): string {
  const head = ["TICKET", "SEVERITY", "STATE", "EVIDENCE", "DECISION", "SERVICE", "UPDATED (UTC)", "TITLE"];
  return textTable(
    head,
    tickets.map((t) => [
      t.id.slice(0, 8),
      t.severity,
      t.approval === null ? t.state : `${t.state} ←`,
      t.evidence?.grade ?? "–",
      t.gate?.verdict ?? "–",
      plainText(t.service),
      utcTime(t.updatedAt),
      clipped(plainText(t.title).replaceAll("\n", " "), 60),
    ]),
  );
}
