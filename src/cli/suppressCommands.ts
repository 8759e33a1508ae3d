import type { Command } from "commander";
import { parseDuration } from "../domain/duration.ts";
import { CliError, type Io, printJson, printLine } from "./io.ts";
import { createRestClient, type HeldSuppression } from "./restClient.ts";
import { type CommonOptions, whoAmI, withServerOptions } from "./serverOptions.ts";
import { clipped, textTable, utcTime } from "./textTable.ts";

interface SuppressOptions extends CommonOptions {
  by?: string;
  for: string;
  reason: string;
}

/** `suppress`, `suppressions`, `unsuppress`: Issues on which selfheal does not work for a limited time. */
export function addSuppressCommands(program: Command, io: Io): void {
  withServerOptions(program.command("suppress"))
    .description("leave an issue (or all issues of a ticket) alone for a time; its events are still counted")
    .argument("<id>", "an issue's or a ticket's id")
    .requiredOption("--reason <text>", "why, for those who come later")
    .option("--for <duration>", "how long: 12h, 7d", "30d")
    .option("--by <name>", "no longer used: the audit log has the name that the token belongs to")
    .action(async (of: string, options: SuppressOptions) => {
      const forMs = parseDuration(options.for);
      if (forMs === null) throw new CliError(`--for ${options.for}: give a number and a unit, such as 12h or 7d`);
      const wanted = { of, reason: options.reason, by: whoAmI(io, options.by), forMs };
      const made = await createRestClient(io, options).suppress(wanted);
      if (options.json) return printJson(io, { suppressions: made });
      for (const one of made)
        printLine(io, `Left alone until ${utcTime(one.expiresAt)}: issue ${one.issueId} (${one.id})`);
    });

  withServerOptions(program.command("suppressions"))
    .description("list the issues that are left alone, and how often they happened since")
    .action(async (options: CommonOptions) => {
      const held = await createRestClient(io, options).suppressions();
      if (options.json) return printJson(io, { suppressions: held });
      printLine(io, held.length === 0 ? "Nothing is suppressed." : suppressionTable(held));
    });

  withServerOptions(program.command("unsuppress"))
    .description("end a suppression before its time")
    .argument("<id>", "the suppression's id")
    .option("--by <name>", "no longer used: the audit log has the name that the token belongs to")
    .action(async (id: string, options: CommonOptions & { by?: string }) => {
      await createRestClient(io, options).unsuppress(id, whoAmI(io, options.by));
      if (options.json) return printJson(io, { lifted: id });
      printLine(io, "It counts again: the next event calls for a run.");
    });
}

function suppressionTable(held: readonly HeldSuppression[]): string {
  const head = ["SUPPRESSION", "UNTIL (UTC)", "EVENTS SINCE", "BY", "ISSUE", "REASON"];
  const rows = held.map((one) => [
    one.id,
    utcTime(one.expiresAt),
    String(one.events),
    clipped(one.by, 20),
    clipped(one.title || one.issueId, 40),
    clipped(one.reason, 60),
  ]);
  return textTable(head, rows);
}
