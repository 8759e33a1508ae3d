import type { Command } from "commander";
import { type CliCommand, type Io, printJson, printLine } from "./io.ts";

/** What the dsn command needs from the composition root. */
export interface DsnDeps {
  /** Path of the configuration file if none is given. */
  defaultConfig: string;
  /** The URL that apps send to, and the keys in the order of the file. `key` is null if only its hash is configured. */
  read(file: string): { url: string; keys: readonly { key: string | null; project: string; tier: string }[] };
}

/** `selfheal dsn`: prints the DSN for apps with a Sentry SDK. A DSN contains the key, so the keys are printed. */
export function dsnCommand(deps: DsnDeps): CliCommand {
  return (program: Command, io: Io) => {
    program
      .command("dsn")
      .description("print the DSN of each key, for apps with a Sentry SDK")
      .option("--config <file>", `the configuration file (default: ${deps.defaultConfig})`)
      .option("--json", "print JSON")
      .action((options: { config?: string; json?: true }) => {
        const { url, keys } = deps.read(options.config ?? deps.defaultConfig);
        const rows = keys.map(({ key, project, tier }) => ({ project, tier, ...dsnOf(url, key, tier) }));
        if (options.json) return printJson(io, { dsns: rows });
        if (rows.length === 0) printLine(io, "No keys are configured.");
        for (const row of rows) printLine(io, `${row.project} (${row.tier}): ${row.dsn ?? `none: ${row.why}`}`);
        if (rows.some(({ dsn, tier }) => dsn !== null && tier === "T1")) printLine(io, IN_URL);
      });
  };
}

/** Most SDKs send a DSN's key in a header; those for JavaScript send it in the URL. */
const IN_URL =
  "T1: Sentry's JavaScript SDKs write the key into the URL, which is refused unless the key has allowInUrl: true.";

/**
 * The DSN of a key, or why it has none. The SDKs require a number as last path segment; selfheal ignores it, because
 * the key identifies the project.
 */
function dsnOf(url: string, key: string | null, tier: string): { dsn: string | null; why?: string } {
  if (tier === "T2") return { dsn: null, why: "this key signs its requests, which Sentry's SDKs cannot" };
  const shown = key ?? "YOUR_KEY";
  if (!/^\w+$/.test(shown)) {
    return {
      dsn: null,
      why: "Sentry's SDKs take keys of letters, digits and underscores only (openssl rand -hex 16 makes one)",
    };
  }
  const { protocol, host, pathname } = new URL(url);
  return { dsn: `${protocol}//${shown}@${host}${pathname.replace(/\/$/, "")}/1` };
}
