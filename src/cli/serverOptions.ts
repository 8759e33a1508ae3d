import type { Command } from "commander";
import type { Io } from "./io.ts";
import type { ServerOptions } from "./restClient.ts";

/** ServerOptions, and whether to print JSON. */
export interface CommonOptions extends ServerOptions {
  json?: true;
}

/** Adds the options of a command that talks to a server. */
export function withServerOptions(command: Command): Command {
  return command
    .option("--url <url>", "where the server is (or SELFHEAL_URL; default http://127.0.0.1:4700)")
    .option("--token <token>", "the admin token (or SELFHEAL_TOKEN)")
    .option("--json", "print JSON");
}

/** The name of the person for the audit log: the option, the user name of the environment, or `unknown`. */
export function whoAmI(io: Io, by: string | undefined): string {
  return by ?? io.env.USER ?? io.env.USERNAME ?? "unknown";
}
