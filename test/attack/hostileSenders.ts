import { setTimeout as delay } from "node:timers/promises";
import { gzipSync } from "node:zlib";
import { WebSocket } from "ws";
import { type ServeProcess, startServe } from "../helpers/serveProcess.ts";
import { type HostileBody, hostileBodies } from "./hostileEvents.ts";

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
  const bodies = keys.map(({ key }, i) =>
    hostileBodies(i * 1_000_003).map((body, n) => ready(body, key, (n + i) % 3 === 0)),
  );
  const until = Date.now() + forMs;
  const answers = new Map<string, number>();
  try {
    const sending = keys.map(({ key }, i) =>
      i === senders - 1 ? stream(server.url, key, until) : post(server.url, bodies[i] ?? [], until, i * 7, answers),
    );
    const [health, page, pause] = await Promise.all([
      timed(until, () => fetch(`${server.url}/healthz`)),
      timed(until, () => fetch(`${server.url}/v1/tickets`, { headers: { authorization: `Bearer ${server.token}` } })),
      timed(until, (n) => killSwitch(server, n % 2 === 0), 250),
    ]);
    await Promise.all(sending);
    return {
      answers: Object.fromEntries(answers),
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

function killSwitch(server: ServeProcess, on: boolean): Promise<Response> {
  return fetch(`${server.url}/v1/${on ? "pause" : "resume"}`, {
    method: "POST",
    headers: { authorization: `Bearer ${server.token}`, "content-type": "application/json" },
    body: JSON.stringify({ by: "operator" }),
  });
}

/** A body ready to send, so that sending costs the attacker little. */
interface Ready {
  path: string;
  headers: Record<string, string>;
  body: string | Buffer;
}

function ready({ path, contentType, body }: HostileBody, key: string, zipped: boolean): Ready {
  const isSentry = path.startsWith("/api/");
  return {
    path: isSentry ? `${path}?sentry_key=${key}` : path,
    headers: {
      "content-type": contentType,
      ...(!isSentry && { authorization: `Bearer ${key}` }),
      ...(zipped && { "content-encoding": "gzip" }),
    },
    body: zipped ? gzipSync(body, { level: 1 }) : body,
  };
}

async function post(url: string, bodies: readonly Ready[], until: number, from: number, answers: Map<string, number>) {
  for (let n = from; Date.now() < until; n++) {
    const { path, ...init } = bodies[n % bodies.length] as Ready;
    const status = await fetch(`${url}${path}`, { method: "POST", ...init }).then(
      async (reply) => {
        await reply.arrayBuffer();
        return String(reply.status);
      },
      () => "none",
    );
    answers.set(status, (answers.get(status) ?? 0) + 1);
  }
}

/** Sends messages through one WebSocket after another, and does not read what comes back. */
async function stream(url: string, key: string, until: number): Promise<void> {
  const events = hostileBodies(7).filter(({ path }) => path === "/v1/events");
  for (let seq = 1; Date.now() < until; ) {
    const socket = new WebSocket(`${url.replace("http", "ws")}/v1/stream`, {
      headers: { authorization: `Bearer ${key}` },
    });
    const gone = new Promise((done) => socket.once("close", done));
    socket.on("error", () => undefined);
    await Promise.race([new Promise((done) => socket.once("open", done)), gone]);
    while (socket.readyState === WebSocket.OPEN && Date.now() < until) {
      const { body } = events[seq % events.length] as HostileBody;
      if (socket.bufferedAmount < 4_000_000 && !String(body).startsWith("["))
        socket.send(`{"seq":${seq++},"event":${body}}`);
      else seq++;
      await delay(2);
    }
    socket.terminate();
    await gone;
    await delay(50);
  }
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
