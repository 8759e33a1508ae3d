/**
 * The load generator: a process of its own, so that its work is not counted as the server's. Told a Job, it sends that many
 * events, each place sending its next one when the answer to the one before came, and tells how long each took.
 */
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { connect } from "node:net";
import { performance } from "node:perf_hooks";
import { WebSocket } from "ws";
import { type Form, templateOf } from "./wire.ts";

export interface Job {
  form: Form;
  url: string;
  path: string;
  headers: Record<string, string>;
  connections: number;
  /** Events that one connection may have under way; HTTP has one. */
  inFlight: number;
  events: number;
  timeoutMs: number;
}

export interface Loaded {
  seconds: number;
  /** Milliseconds from sending an event to its answer, sorted. */
  latencies: number[];
  /** Events that were answered in another way than that they were taken. */
  refused: number;
}

/** Hands out numbers of events until there are no more. */
interface Ration {
  next(): number | null;
  done(startedAt: number, taken: boolean): void;
}

async function run(job: Job): Promise<Loaded> {
  const latencies: number[] = [];
  let sent = 0;
  let refused = 0;
  const ration: Ration = {
    next: () => (sent < job.events ? sent++ : null),
    done: (startedAt, taken) => {
      latencies.push(performance.now() - startedAt);
      if (!taken) refused++;
    },
  };
  const prefix = randomBytes(12).toString("hex");
  const speak = job.form === "stream" ? speakStream : speakHttp;
  const startedAt = performance.now();
  const late = setTimeout(() => {
    throw new Error(`${job.path}: ${latencies.length} of ${job.events} events were answered in ${job.timeoutMs} ms`);
  }, job.timeoutMs);
  await Promise.all(Array.from({ length: job.connections }, () => speak(job, prefix, ration)));
  clearTimeout(late);
  return { seconds: (performance.now() - startedAt) / 1000, latencies: latencies.sort((a, b) => a - b), refused };
}

/** One connection that is kept alive. The bytes are written by hand: an HTTP client costs as much as the server it measures. */
async function speakHttp({ url, path, headers, form }: Job, prefix: string, ration: Ration): Promise<void> {
  const { hostname, port } = new URL(url);
  const named = Object.entries({ host: `${hostname}:${port}`, ...headers }).map(([name, value]) => `${name}: ${value}`);
  const template = templateOf(form, prefix, (length) => {
    return `POST ${path} HTTP/1.1\r\n${named.join("\r\n")}\r\ncontent-length: ${length}\r\n\r\n`;
  });
  const socket = connect(Number(port), hostname).setNoDelay(true);
  await once(socket, "connect");
  let startedAt = 0;
  let answer = "";
  const send = (): void => {
    const n = ration.next();
    if (n === null) return void socket.end();
    template.become(n);
    answer = "";
    startedAt = performance.now();
    socket.write(template.bytes);
  };
  socket.on("data", (piece) => {
    answer += piece.toString("latin1");
    if (!isWhole(answer)) return;
    ration.done(startedAt, /^HTTP\/1\.1 2/.test(answer));
    send();
  });
  send();
  await once(socket, "close");
}

function isWhole(answer: string): boolean {
  const head = answer.indexOf("\r\n\r\n");
  if (head < 0) return false;
  const length = /\r\ncontent-length: (\d+)/i.exec(answer)?.[1];
  return length === undefined ? answer.endsWith("\r\n0\r\n\r\n") : answer.length >= head + 4 + Number(length);
}

/** One stream with a few events under way, as the Node client has it. */
async function speakStream({ url, path, headers, inFlight }: Job, prefix: string, ration: Ration): Promise<void> {
  const socket = new WebSocket(`${url.replace("http", "ws")}${path}`, { headers, perMessageDeflate: false });
  await once(socket, "open");
  const template = templateOf("stream", prefix, () => "");
  const unacked: number[] = [];
  let seq = 0;
  const send = (): void => {
    const n = ration.next();
    if (n === null) {
      if (unacked.length === 0) socket.close();
      return;
    }
    template.become(n);
    unacked.push(performance.now());
    socket.send(`{"seq":${++seq},"event":${template.bytes.toString()}}`);
  };
  socket.on("message", (data) => {
    const { ack = 0, error } = JSON.parse(String(data)) as { ack?: number; error?: unknown };
    while (unacked.length > 0 && seq - unacked.length < ack) ration.done(unacked.shift() ?? 0, true);
    if (error !== undefined) ration.done(performance.now(), false);
    while (unacked.length < inFlight) {
      const before = unacked.length;
      send();
      if (unacked.length === before) break;
    }
  });
  for (let i = 0; i < inFlight; i++) send();
  await once(socket, "close");
}

process.on("message", (job: Job) => {
  void run(job).then((loaded) => process.send?.(loaded));
});
