import type { Command } from "commander";
import { type Io, printJson, printLine } from "./io.ts";
import { createRestClient, type Status } from "./restClient.ts";
import { type CommonOptions, whoAmI, withServerOptions } from "./serverOptions.ts";

interface PauseOptions extends CommonOptions {
  by?: string;
}

const SWITCHES = [
  { name: "pause", paused: true, does: "stop all runs and deployments; exceptions are still kept" },
  { name: "resume", paused: false, does: "go on after a pause" },
];

/** `pause`, `resume`, `close-breaker`: the kill switch and the circuit breaker. */
export function addPauseCommands(program: Command, io: Io): void {
  for (const { name, paused, does } of SWITCHES) {
    withServerOptions(program.command(name))
      .description(does)
      .option("--by <name>", "no longer used: the audit log has the name that the token belongs to")
      .action(async (options: PauseOptions) => {
        const status = await createRestClient(io, options).setPaused(paused, whoAmI(io, options.by));
        if (options.json) return printJson(io, status);
        printLine(io, wordsFor(status));
      });
  }
  withServerOptions(program.command("close-breaker"))
    .description("let deployments go by themselves again after roll backs opened the breaker")
    .option("--by <name>", "no longer used: the audit log has the name that the token belongs to")
    .action(async (options: PauseOptions) => {
      const status = await createRestClient(io, options).closeBreaker(whoAmI(io, options.by));
      if (options.json) return printJson(io, status);
      printLine(io, "The breaker is closed; roll backs from before count no more.");
    });
}

/**
 * The status in words. `resume` may not end the pause: the kill switch has four sources, and another one may still be
 * on.
 */
function wordsFor({ paused, pausedBecause }: Status): string {
  if (!paused) return "Running.";
  return `Paused: no run starts and nothing is deployed${pausedBecause ? ` (${pausedBecause})` : ""}.`;
}
