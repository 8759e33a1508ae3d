import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { Ticket } from "../../src/domain/ticket.ts";
import { awaited } from "./patience.ts";
import { programArgs } from "./program.ts";

export const KEY = "test-key-0123456789";

/** `selfheal serve` in a process of its own, over a folder that outlives it. */
export interface ServeProcess {
  url: string;
  token: string;
  pid: number;
  /** SIGKILL: no chance to tidy up. */
  kill(): Promise<void>;
  /** SIGTERM. Resolves with the exit code. */
  stop(): Promise<number | null>;
  post(events: unknown): Promise<Response>;
  get<T = unknown>(path: string): Promise<T>;
  decide(ticketId: string, decision: Record<string, unknown>): Promise<Response>;
  tickets(): Promise<Ticket[]>;
  /** Awaits the first ticket for which `is` holds. Throws, with what there was, once nothing went on for long. */
  ticketWhere(is: (ticket: Ticket) => boolean): Promise<Ticket>;
  log(): string;
  /** What it printed for people, up to now. */
  said(): string;
}

/** Starts it in `dir`. A second start over the same folder goes on where the first one ended. */
export async function startServe(
  dir: string,
  settings: Record<string, unknown>,
  env: Record<string, string> = {},
): Promise<ServeProcess> {
  mkdirSync(dir, { recursive: true });
  const config = join(dir, "selfheal.config.json");
  const defaults = { dataDir: "data", port: 0, autonomy: "full", debounceMs: 100, maxWaitMs: 500 };
  writeFileSync(
    config,
    JSON.stringify({ ...defaults, keys: [{ key: KEY, project: "test", tier: "T1" }], ...settings }),
  );
  const child = spawn(process.execPath, [...(await programArgs("src/cli/index.ts")), "serve", "--config", config], {
    stdio: ["ignore", "pipe", "pipe"],
    env: { PATH: process.env.PATH, HOME: process.env.HOME, ...env },
  });
  let log = "";
  child.stderr.on("data", (chunk) => {
    log += String(chunk);
  });
  let said = "";
  child.stdout.on("data", (chunk) => {
    said += String(chunk);
  });
  const { url, token } = await announced(child, () => log);
  const tokenFile = join(dir, "token");
  if (token !== "") writeFileSync(tokenFile, token);
  const admin = token !== "" ? token : existsSync(tokenFile) ? readFileSync(tokenFile, "utf8") : "";
  const headers = { authorization: `Bearer ${admin}`, "content-type": "application/json" };
  const get = async <T>(path: string): Promise<T> => {
    const reply = await fetch(`${url}${path}`, { headers });
    if (!reply.ok) throw new Error(`GET ${path}: ${reply.status} ${await reply.text()}`);
    return (await reply.json()) as T;
  };
  const tickets = async () => {
    const { tickets: list } = await get<{ tickets: unknown[] }>("/v1/tickets");
    return list.map((t) => Ticket.parse(t));
  };
  return {
    url,
    token: admin,
    pid: child.pid ?? 0,
    kill: () => ended(child, "SIGKILL").then(() => undefined),
    stop: () => ended(child, "SIGTERM"),
    post: (events) =>
      fetch(`${url}/v1/events`, {
        method: "POST",
        headers: { authorization: `Bearer ${KEY}`, "content-type": "application/json" },
        body: JSON.stringify(events),
      }),
    get,
    decide: (id, decision) =>
      fetch(`${url}/v1/tickets/${id}/decision`, { method: "POST", headers, body: JSON.stringify(decision) }),
    tickets,
    ticketWhere(is) {
      let last: Ticket[] = [];
      return awaited("a ticket", {
        async look() {
          last = await tickets();
          return last.find(is);
        },
        headway: () => `${JSON.stringify(last)} ${log.length}`,
        instead: () =>
          `there are: ${last.map((t) => `${t.state} (${t.reason})`).join("; ") || "none"}\n${log.slice(-2000)}`,
        intervalMs: 50,
      });
    },
    log: () => log,
    said: () => said,
  };
}

function announced(child: ChildProcess, log: () => string): Promise<{ url: string; token: string }> {
  return new Promise((resolve, reject) => {
    let token = "";
    // Not its exit: what it wrote last may come after that.
    child.once("close", (code) => reject(new Error(`serve ended with ${code}: ${log()}`)));
    if (child.stdout === null) return;
    createInterface({ input: child.stdout }).on("line", (line) => {
      token = /\bsh_[A-Za-z0-9_-]+/.exec(line)?.[0] ?? token;
      const url = /listens on (http:\S+)/.exec(line)?.[1];
      if (url !== undefined) resolve({ url, token });
    });
  });
}

async function ended(child: ChildProcess, signal: NodeJS.Signals): Promise<number | null> {
  if (child.exitCode !== null || child.signalCode !== null) return child.exitCode;
  const exit = once(child, "exit");
  child.kill(signal);
  const [code] = (await exit) as [number | null];
  return code;
}
