import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { Ticket } from "../../../src/domain/ticket.ts";
import type { ChildOrder } from "./child.ts";

export const KEY = "test-key-0123456789";

/** One process of a journey, from its start to its SIGKILL. */
export interface Life {
  /** Milliseconds since the epoch. */
  listensSince: number;
  /** Aborted when the process is gone. */
  gone: AbortSignal;
  post(path: string, body: unknown, as: "client" | "person"): Promise<Response>;
  tickets(): Promise<Ticket[]>;
  /** Where the ticket's run is: `busy`, `interrupted` (a question is open), `idle`; "" when it cannot be told. */
  status(ticketId: string): Promise<string>;
  /** `kill -9`, git with it. Resolves when it is gone. */
  kill(): Promise<void>;
  log(): string;
}

/** Starts a process. null: it was gone before it listened. */
export async function startLife(entry: string, order: ChildOrder): Promise<Life | { log: string }> {
  const child = spawn(process.execPath, [entry, JSON.stringify(order)], {
    stdio: ["ignore", "pipe", "pipe"],
    detached: true,
    env: { PATH: process.env.PATH, LOG_LEVEL: "error" },
  });
  const gone = new AbortController();
  const exit = once(child, "exit").then(() => gone.abort());
  let log = "";
  child.stderr.on("data", (chunk) => {
    log += String(chunk);
  });
  const lines = createInterface({ input: child.stdout });
  const first = once(lines, "line").then(([line]) => String(line));
  const url = await Promise.race([first, exit.then(() => null)]);
  if (url === null) return { log };
  const listensSince = Date.now();
  const token = readFileSync(join(order.dir, "token"), "utf8");
  const call = async (path: string, init: RequestInit, secret: string) => {
    const headers = { authorization: `Bearer ${secret}`, "content-type": "application/json" };
    return fetch(`${url}${path}`, { ...init, headers, signal: gone.signal });
  };
  return {
    listensSince,
    gone: gone.signal,
    post: (path, body, as) => call(path, { method: "POST", body: JSON.stringify(body) }, as === "client" ? KEY : token),
    async tickets() {
      const reply = (await (await call("/v1/tickets", {}, token)).json()) as { tickets: unknown[] };
      return reply.tickets.map((ticket) => Ticket.parse(ticket));
    },
    async status(ticketId) {
      const reply = await call(`/threads/${ticketId}`, {}, token);
      return reply.ok ? ((await reply.json()) as { status: string }).status : "";
    },
    async kill() {
      if (!gone.signal.aborted && child.pid !== undefined) process.kill(-child.pid, "SIGKILL");
      await exit;
    },
    log: () => log,
  };
}
