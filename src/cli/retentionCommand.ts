import type { Command } from "commander";
import { type Io, printJson, printLine } from "./io.ts";
import { createRestClient } from "./restClient.ts";
import { type CommonOptions, withServerOptions } from "./serverOptions.ts";

interface RunOptions extends CommonOptions {
  dryRun?: true;
}

/** `selfheal retention run`. */
export function addRetentionCommand(program: Command, io: Io): void {
  const retention = program.command("retention").description("what is kept, and for how long (docs/retention.md)");
  withServerOptions(retention.command("run"))
    .description("take away now what is older than the configuration keeps")
    .option("--dry-run", "only count")
    .action(async (options: RunOptions) => {
      const report = await createRestClient(io, options).runRetention(options.dryRun ?? false);
      if (options.json) return printJson(io, report);
      const { dryRun, ...counts } = report;
      printLine(io, dryRun ? "Would go:" : "Gone:");
      for (const [what, count] of Object.entries(counts)) printLine(io, `  ${what.padEnd(10)} ${count}`);
    });
}
