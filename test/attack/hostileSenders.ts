import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { execa } from "execa";
import { type ServeProcess, startServe } from "../helpers/serveProcess.ts";

/** How long an operator waited for one kind of request while hostile senders sent, milliseconds. */
export interface LaneRow {
  what: string;
  requests: number;
  p50: number;
  p99: number;
  max: number;
  /** Whether the bar holds. */
  ok: boolean;
}

/** The bars: 99 of 100 answers, and the kill switch. */
const P99_MS = 250;
const PAUSE_MS = 1000;

/**
 * Starts a server in a process of its own. `senders` hostile senders, each with a public key of its own, post the events
 * that cost the most, as fast as they are answered, plain, as gzip and through WebSockets. Meanwhile an operator asks for
 * health and for a page, and pulls the kill switch.
 */
export async function run({ dir, forMs = 20_000, senders = 6 }: { dir: string; forMs?: number; senders?: number }) {
  const keys = Array.from({ length: senders }, (_, i) => ({ key: `public-key-${i}-000`, project: "shop", tier: "T0" }));
  const server = await startServe(dir, {
    keys,
    debounceMs: 60_000,
    maxWaitMs: 600_000,
    limits: { eventsPerMinutePerKey: 1_000_000, requestsPerMinutePerAddress: 1_000_000 },
  });
  const sender = sendHostile(server.url, forMs, keys);
  const until = Date.now() + forMs;
  try {
    const [health, page, pause] = await Promise.all([
      timed(until, () => fetch(`${server.url}/healthz`)),
      timed(until, () => fetch(`${server.url}/v1/tickets`, { headers: { authorization: `Bearer ${server.token}` } })),
      timed(until, (n) => killSwitch(server, n % 2 === 0), 250),
    ]);
    return {
      answers: await sender,
      rows: [
        row("GET /healthz", health, P99_MS),
        row("GET /v1/tickets", page, P99_MS),
        row("POST pause", pause, PAUSE_MS),
      ],
    };
  } finally {
    await server.kill();
  }
}

/** Starts the senders. Resolves to the statuses that they got, once they are done. */
async function sendHostile(
  url: string,
  forMs: number,
  keys: readonly { key: string }[],
): Promise<Record<string, number>> {
  const script = fileURLToPath(new URL("./sendHostile.ts", import.meta.url));
  const args = ["--import", "tsx", script, url, String(forMs), ...keys.map(({ key }) => key)];
  const { stdout } = await execa(process.execPath, args);
  return JSON.parse(stdout) as Record<string, number>;
}

function killSwitch(server: ServeProcess, on: boolean): Promise<Response> {
  return fetch(`${server.url}/v1/${on ? "pause" : "resume"}`, {
    method: "POST",
    headers: { authorization: `Bearer ${server.token}`, "content-type": "application/json" },
    body: JSON.stringify({ by: "operator" }),
  });
}

async function timed(until: number, ask: (n: number) => Promise<Response>, everyMs = 20): Promise<number[]> {
  const took: number[] = [];
  for (let n = 0; Date.now() < until; n++) {
    const from = performance.now();
    const reply = await ask(n);
    await reply.arrayBuffer();
    if (!reply.ok) throw new Error(`an operator got ${reply.status}`);
    took.push(performance.now() - from);
    await delay(everyMs);
  }
  return took;
}

function row(what: string, took: readonly number[], bar: number): LaneRow {
  const sorted = took.toSorted((a, b) => a - b);
  const at = (share: number) => Math.round(sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0);
  const p99 = at(0.99);
  const max = at(1);
  return { what, requests: took.length, p50: at(0.5), p99, max, ok: (bar === PAUSE_MS ? max : p99) <= bar };
}
