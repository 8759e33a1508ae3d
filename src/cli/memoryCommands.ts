import type { Command } from "commander";
import type { Lesson } from "../domain/lesson.ts";
import { type Io, printJson, printLine } from "./io.ts";
import { createRestClient } from "./restClient.ts";
import { type CommonOptions, whoAmI, withServerOptions } from "./serverOptions.ts";
import { clipped, textTable, utcTime } from "./textTable.ts";

/** `memory list | forget`: the Lessons from how earlier Patches ended. `list` is the default. */
export function addMemoryCommands(program: Command, io: Io): void {
  const memory = program.command("memory").description("what was learned from earlier patches");

  // The options are on `list`: on `memory` itself they would capture those of `forget`.
  withServerOptions(memory.command("list", { isDefault: true }))
    .description("list what was learned from earlier patches: held, edited, rejected, reverted")
    .option("--service <name>", "of one service")
    .action(async (options: CommonOptions & { service?: string }) => {
      const lessons = await createRestClient(io, options).lessons(options.service);
      if (options.json) return printJson(io, { lessons });
      printLine(io, lessons.length === 0 ? "Nothing was learned yet." : lessonTable(lessons));
    });

  withServerOptions(memory.command("forget"))
    .description("forget one lesson; it is not learned again")
    .argument("<id>", "the lesson's id")
    .option("--by <name>", "no longer used: the audit log has the name that the token belongs to")
    .action(async (id: string, options: CommonOptions & { by?: string }) => {
      await createRestClient(io, options).forget(id, whoAmI(io, options.by));
      if (options.json) return printJson(io, { forgotten: id });
      printLine(io, "Forgotten.");
    });
}

function lessonTable(lessons: readonly Lesson[]): string {
  const head = ["LESSON", "AT (UTC)", "OUTCOME", "BY", "PROBLEM", "WHERE", "WHY"];
  const rows = lessons.map((one) => [
    one.id,
    utcTime(one.at),
    one.outcome,
    clipped(one.by, 28),
    clipped(one.titles[0] ?? "", 50),
    clipped(one.culprits[0] ?? "", 36),
    clipped(one.note, 50),
  ]);
  return textTable(head, rows);
}
