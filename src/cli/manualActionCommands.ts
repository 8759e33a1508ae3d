import type { Command } from "commander";
import { plainText } from "../domain/plainText.ts";
import { type Io, printJson, printLine } from "./io.ts";
import { createRestClient } from "./restClient.ts";
import { type CommonOptions, whoAmI, withServerOptions } from "./serverOptions.ts";

interface HandOptions extends CommonOptions {
  by?: string;
  message?: string;
}

/**
 * `retry` and `start` start a Run on a person's request, even if selfheal would not. `applied` records that a person
 * applied a proposed Patch.
 */
export function addManualActionCommands(program: Command, io: Io): void {
  const add = (name: string, says: string, argument: string) =>
    withServerOptions(program.command(name))
      .description(says)
      .argument("<id>", argument)
      .option("--by <name>", "no longer used: the audit log has the name that the token belongs to")
      .option("--message <text>", "guidance for the planner")
      .action((ref: string, options: HandOptions) => begin(io, ref, options));
  const ticket = "the ticket's id, or its first six or more characters";
  add("retry", "have a ticket worked on again, from the plan on", ticket);
  add("start", "have a ticket, or an issue, worked on now", `${ticket}; or an issue's id`);

  withServerOptions(program.command("applied"))
    .description("say that you applied a proposed patch: what you committed is compared with it, and watched")
    .argument("<id>", ticket)
    .option("--commit <sha>", "which commit it is (default: the one on the branch that fits)")
    .option("--by <name>", "no longer used: the audit log has the name that the token belongs to")
    .action(async (ref: string, options: HandOptions & { commit?: string }) => {
      const client = createRestClient(io, options);
      const { ticketId } = await client.applied(ref, { by: whoAmI(io, options.by), commit: options.commit ?? null });
      const { ticket: after } = await client.receipt(ticketId);
      if (options.json) return printJson(io, { ticketId, state: after.state, applied: after.applied ?? null });
      printLine(io, plainText(after.reason));
    });
}

async function begin(io: Io, ref: string, options: HandOptions): Promise<void> {
  const who = { by: whoAmI(io, options.by), message: options.message ?? "" };
  const started = await createRestClient(io, options).start(ref, who);
  if (options.json) return printJson(io, started);
  printLine(io, `Started. Follow it with: selfheal show ${started.ticketId.slice(0, 8)}`);
}
