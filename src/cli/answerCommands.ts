import type { Command } from "commander";
import type { DecisionType } from "../domain/approval.ts";
import { paintFor } from "./colors.ts";
import { CliError, type Io, printJson, printLine } from "./io.ts";
import { renderQuestion } from "./receiptText.ts";
import { createRestClient, type Receipt } from "./restClient.ts";
import { type CommonOptions, whoAmI, withServerOptions } from "./serverOptions.ts";

interface AnswerOptions extends CommonOptions {
  by?: string;
  message?: string;
}

const ANSWERS: readonly { name: string; type: DecisionType; says: string }[] = [
  { name: "approve", type: "approve", says: "let the open question of a ticket pass (deploy the patch that is shown)" },
  { name: "reject", type: "reject", says: "say no to the open question of a ticket" },
  { name: "guide", type: "guide", says: "give an escalated ticket guidance (--message) and another try" },
  { name: "take-over", type: "takeOver", says: "take an escalated ticket over; its work goes to a branch" },
  { name: "dismiss", type: "dismiss", says: "close an escalated or observed ticket with a reason (--message)" },
];

/** `approve`, `reject`, `guide`, `take-over`, `dismiss`: answers to the open question of a ticket. */
export function addAnswerCommands(program: Command, io: Io): void {
  for (const { name, type, says } of ANSWERS) {
    withServerOptions(program.command(name))
      .description(says)
      .argument("<id>", "the ticket's id, or its first six or more characters")
      .option("--by <name>", "no longer used: the audit log has the name that the token belongs to")
      .option("--message <text>", "reason or guidance")
      .action((ref: string, options: AnswerOptions) => answer(io, type, ref, options));
  }
}

/**
 * Reads the open question, prints it, and answers exactly that one: the request contains the Patch digest that was
 * printed.
 */
async function answer(io: Io, type: DecisionType, ref: string, options: AnswerOptions): Promise<void> {
  const client = createRestClient(io, options);
  const receipt = await client.receipt(ref);
  const { id } = receipt.ticket;
  if (type === "dismiss" && receipt.ticket.approval === null) {
    const done = await client.dismiss(id, { by: whoAmI(io, options.by), message: options.message ?? "" });
    return options.json ? printJson(io, done) : printLine(io, `Ticket ${id.slice(0, 8)} is dismissed.`);
  }
  const patchDigest = askedDigest(receipt);
  if (!options.json) printLine(io, renderQuestion(receipt, paintFor(io)));
  const { name: by } = await client.me();
  const message = options.message ?? "";
  const needs = await client.decide(id, { type, by, message, ...(patchDigest === null ? {} : { patchDigest }) });
  if (options.json)
    printJson(io, { ticketId: id, type, by, patchDigest, accepted: needs === null, ...(needs !== null && { needs }) });
  else if (needs !== null) printLine(io, `\n${needs}`);
  else printLine(io, `\nThe answer of ${by} was taken: ${type}. Follow it with: selfheal show ${id.slice(0, 8)}`);
}

function askedDigest({ ticket }: Receipt): string | null {
  if (ticket.approval !== null) return ticket.approval.patchDigest;
  const last = ticket.decisions.at(-1);
  const who = last === undefined ? "" : ` ${last.by} answered last: ${last.type}.`;
  throw new CliError(`Ticket ${ticket.id.slice(0, 8)} asks nothing (its state is ${ticket.state}).${who}`);
}
