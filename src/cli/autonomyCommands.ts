import type { Command } from "commander";
import type { ServiceAutonomy } from "../domain/autonomy.ts";
import { type Io, printJson, printLine } from "./io.ts";
import { createRestClient } from "./restClient.ts";
import { type CommonOptions, whoAmI, withServerOptions } from "./serverOptions.ts";
import { clipped, textTable } from "./textTable.ts";

interface ChangeOptions extends CommonOptions {
  by?: string;
  severity?: string;
}

/** `selfheal autonomy show | set | clear`: shows and changes at runtime what selfheal may do without a person. */
export function addAutonomyCommands(program: Command, io: Io): void {
  const autonomy = program.command("autonomy").description("what selfheal may do by itself (docs/autonomy.md)");
  withServerOptions(autonomy.command("show"))
    .description("the level that counts for each service, error class and severity, and why")
    .action(async (options: CommonOptions) => print(io, options, await createRestClient(io, options).autonomy()));

  withServerOptions(autonomy.command("set"))
    .description("say what counts for a service from now on, over the configuration")
    .argument("<service>")
    .argument("<level>", "observe, assist, supervised or full")
    .option("--severity <severity>", "only for this severity")
    .option("--by <name>", "no longer used: the audit log has the name that the token belongs to")
    .action(async (service: string, level: string, options: ChangeOptions) => {
      const change = { service, level, severity: options.severity ?? null, by: whoAmI(io, options.by) };
      print(io, options, await createRestClient(io, options).setAutonomy(change));
    });

  withServerOptions(autonomy.command("clear"))
    .description("take such a word back: what is configured and earned counts again")
    .argument("<service>")
    .option("--severity <severity>", "only for this severity")
    .option("--by <name>", "no longer used: the audit log has the name that the token belongs to")
    .action(async (service: string, options: ChangeOptions) => {
      const change = { service, severity: options.severity ?? null, by: whoAmI(io, options.by) };
      print(io, options, await createRestClient(io, options).clearAutonomy(change));
    });
}

function print(io: Io, options: CommonOptions, rows: readonly ServiceAutonomy[]): void {
  if (options.json) {
    printJson(io, { autonomy: rows });
    return;
  }
  const head = ["SERVICE", "ERRORS", "SEVERITY", "COUNTS", "CONFIGURED", "BY A PERSON", "EARNED", "WHY"];
  const lines = rows.flatMap((row) =>
    row.levels.map((level) => [
      clipped(row.service, 24),
      clipped(row.errorClass ?? "all others", 24),
      level.severity,
      level.effective,
      level.configured,
      level.override === null ? "-" : `${level.override.level} (${clipped(level.override.by, 20)})`,
      level.earned ?? "-",
      clipped(level.why, 60),
    ]),
  );
  printLine(io, rows.length === 0 ? "No service is configured." : textTable(head, lines));
}
