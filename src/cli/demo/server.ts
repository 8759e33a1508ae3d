import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createWriteStream } from "node:fs";
import { createInterface } from "node:readline";
import { SelfhealError } from "../../domain/errors.ts";

/** `selfheal serve` in a separate process, as a user would start it. */
export interface RunningServer {
  url: string;
  /** The admin token that the first start printed. */
  token: string;
  stop(): Promise<void>;
}

/** From the start, and from each line that it logs meanwhile. */
const START_MS = 300_000;

/**
 * Starts the server and resolves when it listens. `entry` is the entry file of the command line. Throws SelfhealError
 * `demo` if the server does not start within a minute.
 */
export async function startServer(options: {
  entry: string;
  config: string;
  logFile: string;
  env: Readonly<Record<string, string | undefined>>;
}): Promise<RunningServer> {
  const loader = options.entry.endsWith(".ts") ? ["--import", import.meta.resolve("tsx")] : [];
  const child = spawn(process.execPath, [...loader, options.entry, "serve", "--config", options.config], {
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...options.env },
  });
  child.stderr.pipe(createWriteStream(options.logFile));
  try {
    return { ...(await announced(child, options.logFile)), stop: () => stop(child) };
  } catch (error) {
    child.kill("SIGKILL");
    throw error;
  }
}

async function announced(child: ChildProcess, logFile: string): Promise<{ url: string; token: string }> {
  const failed = (why: string) => new SelfhealError("demo", `the server did not start: ${why}; see ${logFile}`);
  let timer: NodeJS.Timeout | undefined;
  const died = once(child, "exit").then(([code]) => Promise.reject(failed(`it ended with ${code}`)));
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(failed(`nothing for ${START_MS / 1000} s`)), START_MS).unref();
  });
  child.stderr?.on("data", () => timer?.refresh());
  const said = new Promise<{ url: string; token: string }>((resolve) => {
    if (child.stdout === null) return;
    let token = "";
    createInterface({ input: child.stdout }).on("line", (line) => {
      token = /\bsh_[A-Za-z0-9_-]+/.exec(line)?.[0] ?? token;
      const url = /listens on (http:\S+)/.exec(line)?.[1];
      if (url !== undefined) resolve({ url, token });
    });
  });
  return Promise.race([said, died, late]).finally(() => clearTimeout(timer));
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, "exit");
  child.kill("SIGTERM");
  const timer = setTimeout(() => child.kill("SIGKILL"), 10_000);
  await gone;
  clearTimeout(timer);
}
