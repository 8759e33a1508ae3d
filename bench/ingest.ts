/**
 * What taking events in costs, side by side in one run, in turns: selfheal's three ways in (only kept, and with everything
 * digested), beside a bare durable loop (the limit), memory alone, and Spotlight's sidecar.
 * `npm run bench:ingest -- [--json] [--rounds 5] [--events 2000] [--connections 64] [--only digested]`
 */
import { fork } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { performance } from "node:perf_hooks";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import type { Job, Loaded } from "./ingest/load.ts";
import { type BenchServer, KEY, startBare, startMemory, startPeer, startSelfheal } from "./ingest/servers.ts";
import { templateOf } from "./ingest/wire.ts";

const { values } = parseArgs({
  options: {
    json: { type: "boolean", default: false },
    rounds: { type: "string", default: "5" },
    events: { type: "string", default: "2000" },
    connections: { type: "string", default: "64" },
    only: { type: "string", default: "" },
  },
});
const [rounds, events, connections] = [values.rounds, values.events, values.connections].map(Number) as [
  number,
  number,
  number,
];
const TIMEOUT_MS = 120_000;
/** Streams of the Node client; together they have as many events under way as the HTTP connections. */
const STREAMS = 8;

/** Who is measured: a server, and how it is spoken to. */
interface Contender {
  name: string;
  server: BenchServer;
  way: Pick<Job, "form" | "path" | "headers">;
  digests: boolean;
  seconds: number[];
  settledSeconds: number[];
  latencies: number[];
  cpuSeconds: number;
}

const AUTH = { authorization: `Bearer ${KEY}`, "content-type": "application/json" };
const ENVELOPE = { "content-type": "application/x-sentry-envelope" };
const WAYS = {
  HTTP: { form: "native", path: "/v1/events", headers: AUTH },
  WebSocket: { form: "stream", path: "/v1/stream", headers: AUTH },
  "Sentry envelope": { form: "envelope", path: `/api/1/envelope/?sentry_key=${KEY}`, headers: ENVELOPE },
} as const;

async function contendersIn(dir: string): Promise<Contender[]> {
  const keeps = await startSelfheal(join(dir, "keeps"), false);
  const heals = await startSelfheal(join(dir, "digests"), true);
  const bare = await startBare(join(dir, "bare.sqlite"));
  const memory = await startMemory();
  const peer = await startPeer();
  const one = (name: string, server: BenchServer, way: Contender["way"], digests = false): Contender => {
    return { name, server, way, digests, seconds: [], settledSeconds: [], latencies: [], cpuSeconds: 0 };
  };
  return [
    one("bare, durable: the limit", bare, WAYS.HTTP),
    ...Object.entries(WAYS).map(([name, way]) => one(`selfheal ${name}, kept`, keeps, way)),
    ...Object.entries(WAYS).map(([name, way]) => one(`selfheal ${name}, digested`, heals, way, true)),
    one("bare, memory only", memory, WAYS.HTTP),
    one("Spotlight sidecar, memory only", peer, { form: "envelope", path: "/stream", headers: ENVELOPE }),
  ];
}

/** One turn: a fixed number of events, until each is answered; and, where they are digested, until all are. */
async function turn(contender: Contender, ask: (job: Job) => Promise<Loaded>, isWarmUp: boolean): Promise<void> {
  const { server, way } = contender;
  const [lanes, inFlight] = way.form === "stream" ? [STREAMS, connections / STREAMS] : [connections, 1];
  const cpuBefore = server.cpuSeconds();
  const startedAt = performance.now();
  const loaded = await ask({ ...way, url: server.url, connections: lanes, inFlight, events, timeoutMs: TIMEOUT_MS });
  await server.settled();
  const settledSeconds = (performance.now() - startedAt) / 1000;
  if (loaded.refused > 0) throw new Error(`${contender.name}: ${loaded.refused} events were refused`);
  if (isWarmUp) return;
  contender.seconds.push(loaded.seconds);
  contender.settledSeconds.push(settledSeconds);
  contender.latencies.push(...loaded.latencies);
  contender.cpuSeconds += server.cpuSeconds() - cpuBefore;
}

function rowOf({ name, digests, seconds, settledSeconds, latencies, cpuSeconds, server }: Contender, limit: number) {
  latencies.sort((a, b) => a - b);
  const at = (share: number) => Math.round((latencies[Math.floor(latencies.length * share)] ?? Number.NaN) * 10) / 10;
  const acked = events / median(seconds);
  const digested = digests ? events / median(settledSeconds) : null;
  return {
    name,
    ackedPerSecond: Math.round(acked),
    ofTheLimit: round2(acked / limit),
    p50Ms: at(0.5),
    p99Ms: at(0.99),
    digestedPerSecond: digested === null ? null : Math.round(digested),
    digestedOfTheLimit: digested === null ? null : round2(digested / limit),
    cpuMsAnEvent: round2((cpuSeconds * 1000) / (events * seconds.length)),
    peakRssMb: server.peakRssMb(),
  };
}

function median(numbers: readonly number[]): number {
  return [...numbers].sort((a, b) => a - b)[numbers.length >> 1] ?? Number.NaN;
}

function round2(number: number): number {
  return Math.round(number * 100) / 100;
}

const dir = mkdtempSync(join(tmpdir(), "bench-ingest-"));
const load = fork(fileURLToPath(new URL("./ingest/load.ts", import.meta.url)), { execArgv: ["--import", "tsx"] });
const ended = once(load, "exit").then(() => Promise.reject(new Error("the load generator ended")));
const ask = async (job: Job): Promise<Loaded> => {
  load.send(job);
  const [loaded] = (await Promise.race([once(load, "message"), ended])) as [Loaded];
  return loaded;
};
const all = await contendersIn(dir);
// The limit is always measured: everything is told as a share of it.
const contenders = all.filter(({ name }, index) => index === 0 || name.includes(values.only));
try {
  for (let round = -1; round < rounds; round++) {
    // Whoever begins is another one each time.
    const order = contenders.map((_, index) => contenders[(index + round + 1) % contenders.length] as Contender);
    for (const contender of order) await turn(contender, ask, round < 0);
  }
  const limit = events / median(contenders[0]?.seconds ?? []);
  const rows = contenders.map((contender) => rowOf(contender, limit));
  const bytes = templateOf("native", "0".repeat(24), () => "").bytes.length;
  print({ node: process.version, cores: cpus().length, rounds, events, connections, bytes }, rows);
} finally {
  ended.catch(() => undefined);
  load.kill();
  for (const server of new Set(all.map((contender) => contender.server))) await server.stop();
  rmSync(dir, { recursive: true });
}

function print(setting: object, rows: readonly ReturnType<typeof rowOf>[]): void {
  if (values.json) {
    console.log(JSON.stringify({ ...setting, rows }, null, 2));
    return;
  }
  console.log(
    "| what | acked/s | of the limit | p50 ms | p99 ms | digested/s | of the limit | CPU ms an event | peak RSS MB |",
  );
  console.log("| --- | --- | --- | --- | --- | --- | --- | --- | --- |");
  for (const row of rows)
    console.log(
      `| ${Object.values(row)
        .map((value) => value ?? "–")
        .join(" | ")} |`,
    );
  console.log(JSON.stringify(setting));
}
