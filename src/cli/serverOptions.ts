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
    .option("--token <token>", "your token, or the admin token (or SELFHEAL_TOKEN)")
    .option("--json", "print JSON");
}

/** A name that servers before named users put into the audit log. Newer ones use the name that the token belongs to. */
export function whoAmI(io: Io, by: string | undefined): string {
  return by ?? io.env.USER ?? io.env.USERNAME ?? "unknown";
}
