import { existsSync } from "node:fs";
import type { Command } from "commander";
import { type CliCommand, CliError, type Io, printLine } from "./io.ts";

/** What the serve command needs from the composition root. */
export interface ServeDeps {
  /** Path of the configuration file if none is given. */
  defaultConfig: string;
  serve(options: { configFile: string; port?: number; newToken?: boolean }): Promise<{
    url: string;
    /** The admin token: at the first start, or a new one if requested; otherwise null. */
    token: string | null;
    /** Facts to print: sandbox grade, brain and services. */
    facts: readonly string[];
    /** Stops the work in progress at the next safe point, and closes the server. */
    close(): Promise<void>;
  }>;
  /** Resolves when the process receives a stop signal. */
  stopped(): Promise<void>;
}

const WHO_LOST_IT = "Who has lost it: selfheal serve --new-token";

/** `selfheal serve`: runs ingest, dashboard, REST and the LangGraph API on one port until a stop signal. */
export function serveCommand(deps: ServeDeps): CliCommand {
  return (program: Command, io: Io) => {
    program
      .command("serve")
      .description("take in exceptions and heal them: ingest, dashboard, REST and the LangGraph API on one port")
      .option("--config <file>", `the configuration file (default: ${deps.defaultConfig})`)
      .option("--port <port>", "another port than the configuration's")
      .option("--new-token", "make another admin token, for who has lost it; the one before ends")
      .action(async (options: { config?: string; port?: string; newToken?: true }) => {
        const configFile = options.config ?? deps.defaultConfig;
        if (!existsSync(configFile)) {
          throw new CliError(`there is no ${configFile}: write one (docs/configuration.md), or name it with --config`);
        }
        const port = options.port === undefined ? undefined : portOf(options.port);
        const server = await deps.serve({
          configFile,
          ...(port !== undefined && { port }),
          ...(options.newToken && { newToken: true }),
        });
        // Before anybody reads that it listens, and may ask it to end.
        const stopped = deps.stopped();
        if (server.token === null) printLine(io, `Admin token: shown at an earlier start. ${WHO_LOST_IT}`);
        else {
          printLine(io, "Admin token, shown this once (only its hash is kept):");
          printLine(io, `  ${server.token}`);
        }
        for (const fact of server.facts) printLine(io, `  ${fact}`);
        printLine(io, `selfheal listens on ${server.url}`);
        await stopped;
        await server.close();
      });
  };
}

function portOf(text: string): number {
  const port = Number(text);
  if (!Number.isInteger(port) || port < 0 || port > 65_535) throw new CliError(`--port ${text}: must be 0 to 65535`);
  return port;
}
