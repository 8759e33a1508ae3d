import type { Command } from "commander";
import type { Fault } from "../domain/errors.ts";
import { type CliCommand, type Io, printJson, printLine } from "./io.ts";
import { createRestClient } from "./restClient.ts";
import { type CommonOptions, withServerOptions } from "./serverOptions.ts";

/** What the config commands need from the composition root. */
export interface ConfigDeps {
  /** Path of the configuration file if none is given. */
  defaultConfig: string;
  /** The effective values, masked. Throws InvalidInputError with every fault. */
  explain(file: string): readonly { path: string; value: unknown; from: string }[];
  /**
   * Warnings about the configuration. Throws InvalidInputError with every fault that would keep `serve` from starting
   * in this environment.
   */
  check(file: string): readonly Fault[];
}

/** `selfheal config print | check | reload`. `print` and `check` exit with 1 on any fault. */
export function configCommands(deps: ConfigDeps): CliCommand {
  return (program: Command, io: Io) => {
    const config = program.command("config").description("look at the configuration");
    const fileOption = ["--config <file>", `the configuration file (default: ${deps.defaultConfig})`] as const;
    config
      .command("print")
      .description("print every effective value and where it comes from; secrets are masked")
      .option(...fileOption)
      .option("--json", "print JSON")
      .action((options: { config?: string; json?: true }) => {
        const keys = deps.explain(options.config ?? deps.defaultConfig);
        if (options.json) return printJson(io, { keys });
        const width = Math.max(...keys.map(({ path }) => path.length));
        for (const { path, value, from } of keys)
          printLine(io, `${path.padEnd(width)}  ${JSON.stringify(value)}  (${from})`);
      });
    config
      .command("check")
      .description("say what would keep the server from starting with this configuration and environment, and where")
      .option(...fileOption)
      .action((options: { config?: string }) => {
        const file = options.config ?? deps.defaultConfig;
        for (const { path, message } of deps.check(file)) printLine(io, `– ${path}: ${message}`);
        printLine(io, `✓ ${file} has no faults.`);
      });
    withServerOptions(config.command("reload"))
      .description("have a running server read its configuration again")
      .action(async (options: CommonOptions) => {
        const done = await createRestClient(io, options).reloadConfig();
        if (options.json) return printJson(io, done);
        printLine(io, `Changed: ${done.changed.join(", ") || "nothing"}.`);
        if (done.needsRestart.length > 0) printLine(io, `After a restart: ${done.needsRestart.join(", ")}.`);
      });
  };
}
