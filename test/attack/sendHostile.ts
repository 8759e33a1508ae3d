import { setTimeout as delay } from "node:timers/promises";
import { gzipSync } from "node:zlib";
import { WebSocket } from "ws";
import { type HostileBody, hostileBodies } from "./hostileEvents.ts";

/*
 * The hostile senders, in a process of their own, so that their work does not make the operator look slow:
 * `sendHostile.ts <url> <milliseconds> <key>…`. Prints `ready` before it begins, and at the end how often each status was answered.
 */

/** A body ready to send, so that sending costs the attacker little. */
interface Ready {
  path: string;
  headers: Record<string, string>;
  body: string | Buffer;
}

function ready({ path, contentType, body }: HostileBody, key: string, zipped: Buffer | null): Ready {
  const isSentry = path.startsWith("/api/");
  return {
    path: isSentry ? `${path}?sentry_key=${key}` : path,
    headers: {
      "content-type": contentType,
      ...(!isSentry && { authorization: `Bearer ${key}` }),
      ...(zipped !== null && { "content-encoding": "gzip" }),
    },
    body: zipped ?? body,
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

const [url = "", forMs, ...keys] = process.argv.slice(2);
const hostile = hostileBodies();
const zipped = hostile.map((one, n) => (n % 3 === 0 ? gzipSync(one.body, { level: 1 }) : null));
const answers = new Map<string, number>();
process.stdout.write("ready\n");
const until = Date.now() + Number(forMs);
await Promise.all(
  keys.map((key, i) => {
    const bodies = hostile.map((one, n) => ready(one, key, zipped[n] ?? null));
    return i === keys.length - 1 ? stream(url, key, until) : post(url, bodies, until, i * 7, answers);
  }),
);
process.stdout.write(JSON.stringify(Object.fromEntries(answers)));
