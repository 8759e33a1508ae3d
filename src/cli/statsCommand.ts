import type { Command } from "commander";
import { type Io, printJson, printLine } from "./io.ts";
import { createRestClient } from "./restClient.ts";
import { type CommonOptions, withServerOptions } from "./serverOptions.ts";
import { clipped, textTable } from "./textTable.ts";

/** `selfheal stats [--retry]`: shows what happened to every Event that was thrown. */
export function addStatsCommand(program: Command, io: Io): void {
  withServerOptions(program.command("stats"))
    .description(
      "what became of every event: received, lost and why, put off; thrown = received + counted + lost + reported",
    )
    .option("--retry", "first try again what could not be digested and was set aside")
    .action(async (options: CommonOptions & { retry?: true }) => {
      const client = createRestClient(io, options);
      if (options.retry) printLine(io, `${await client.retrySetAside()} events are tried again.`);
      const report = await client.stats();
      if (options.json) return printJson(io, report);
      const head = [
        "PROJECT",
        "THROWN",
        "RECEIVED",
        "COUNTED",
        "LOST",
        "REPORTED LOST",
        "PUT OFF",
        "SENT AGAIN",
        "SET ASIDE",
      ];
      const rows = report.projects.map((p) =>
        [p.thrown, p.received, p.counted, p.lost, p.reportedLost, p.deferred, p.repeated, p.setAside].map(String),
      );
      const lines = rows.map((row, i) => [clipped(report.projects[i]?.project || "(no key)", 24), ...row]);
      printLine(io, lines.length === 0 ? "Nothing was sent yet." : textTable(head, lines));
      for (const { project, outcome, reason, events } of report.counts) {
        if (reason !== "") printLine(io, `  ${project || "(no key)"}: ${events} ${outcome}, ${reason}`);
      }
      printLine(io, `${report.waiting.rows} events wait to be digested; back-pressure: ${report.pressure}.`);
    });
}
