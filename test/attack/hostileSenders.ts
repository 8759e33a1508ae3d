import { once } from "node:events";
import { readFileSync } from "node:fs";
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
  /**
   * CPU time of the server's thread between question and answer: what the wait is on a machine that does nothing else.
   */
  cpuP99: number;
  cpuMax: number;
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
  const { answers } = await sendHostile(server.url, forMs, keys);
  const until = Date.now() + forMs;
  try {
    const [health, page, pause] = await Promise.all([
      timed(server.pid, until, () => fetch(`${server.url}/healthz`)),
      timed(server.pid, until, () =>
        fetch(`${server.url}/v1/tickets`, { headers: { authorization: `Bearer ${server.token}` } }),
      ),
      timed(server.pid, until, (n) => killSwitch(server, n % 2 === 0), 250),
    ]);
    return {
      answers: await answers,
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

/** Starts the senders. Resolves once they send; `answers` resolves to the statuses that they got. */
async function sendHostile(url: string, forMs: number, keys: readonly { key: string }[]) {
  const script = fileURLToPath(new URL("./sendHostile.ts", import.meta.url));
  const args = ["--import", "tsx", script, url, String(forMs), ...keys.map(({ key }) => key)];
  const child = execa(process.execPath, args);
  const answers = child.then(({ stdout }) => JSON.parse(stdout.split("\n")[1] ?? "{}") as Record<string, number>);
  await once(child.stdout, "data");
  return { answers };
}

function killSwitch(server: ServeProcess, on: boolean): Promise<Response> {
  return fetch(`${server.url}/v1/${on ? "pause" : "resume"}`, {
    method: "POST",
    headers: { authorization: `Bearer ${server.token}`, "content-type": "application/json" },
    body: JSON.stringify({ by: "operator" }),
  });
}

/** One request of the operator: how long it took, and what the server's thread did meanwhile, milliseconds. */
interface Timing {
  wallMs: number;
  cpuMs: number;
}

async function timed(
  pid: number,
  until: number,
  ask: (n: number) => Promise<Response>,
  everyMs = 20,
): Promise<Timing[]> {
  const took: Timing[] = [];
  for (let n = 0; Date.now() < until; n++) {
    const [from, cpuFrom] = [performance.now(), cpuOf(pid)];
    const reply = await ask(n);
    await reply.arrayBuffer();
    if (!reply.ok) throw new Error(`an operator got ${reply.status}`);
    took.push({ wallMs: performance.now() - from, cpuMs: cpuOf(pid) - cpuFrom });
    await delay(everyMs);
  }
  return took;
}

/** CPU time of a process's main thread, milliseconds; 0 where Linux does not tell. */
function cpuOf(pid: number): number {
  try {
    return Number(readFileSync(`/proc/${pid}/task/${pid}/schedstat`, "utf8").split(" ")[0]) / 1e6;
  } catch {
    return 0;
  }
}

function row(what: string, took: readonly Timing[], bar: number): LaneRow {
  const at = (of: "wallMs" | "cpuMs", share: number) => {
    const sorted = took.map((one) => one[of]).toSorted((a, b) => a - b);
    return Math.round(sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0);
  };
  const [p99, max] = [at("wallMs", 0.99), at("wallMs", 1)];
  return {
    what,
    requests: took.length,
    p50: at("wallMs", 0.5),
    p99,
    max,
    cpuP99: at("cpuMs", 0.99),
    cpuMax: at("cpuMs", 1),
    ok: (bar === PAUSE_MS ? max : p99) <= bar,
  };
}
