import { WebSocket } from "ws";
import { eventId } from "../../helpers/eventBuilder.ts";
import { wireEvent } from "../../helpers/wireEvent.ts";

export const KEY = "acceptkey0123456789";

/** What came back: nothing where the connection ended instead. */
export interface Answer {
  step: string;
  /** HTTP's status; of a stream 202 for an ack, and how it was closed. */
  status: number | null;
  headers: Record<string, string>;
  acked: readonly string[];
}

interface Step {
  name: string;
  ids: readonly string[];
  send(url: string): Promise<Answer[]>;
}

const ids = (name: string, count: number) => Array.from({ length: count }, (_, n) => eventId(`${name} ${n}`));
const native = (id: string) => wireEvent({ event_id: id, service: "shop" });

/** Everything that clients send, in each of the ways, alone, in lists and at once. */
export const STEPS: readonly Step[] = [
  http("one event", ids("one", 1), "/v1/events", (own) => JSON.stringify(native(own[0] ?? ""))),
  http("a list", ids("list", 3), "/v1/events", (own) => JSON.stringify(own.map(native))),
  http("an envelope", ids("envelope", 2), `/api/1/envelope/?sentry_key=${KEY}`, envelope),
  { name: "a stream", ids: ids("stream", 3), send: (url) => stream(url, ids("stream", 3)) },
  {
    name: "eight at once",
    ids: ids("crowd", 8),
    send: async (url) =>
      (
        await Promise.all(
          ids("crowd", 8).map((id) =>
            http("eight at once", [id], "/v1/events", (own) => JSON.stringify(native(own[0] ?? ""))).send(url),
          ),
        )
      ).flat(),
  },
];

export const ALL_IDS = STEPS.flatMap((step) => step.ids);

/** Goes through the steps; `untilGone` stops at the first that gets no answer. */
export async function sendAll(url: string, untilGone = false): Promise<Answer[]> {
  const answers: Answer[] = [];
  for (const step of STEPS) {
    const got = await step.send(url);
    answers.push(...got);
    if (untilGone && got.some(({ status }) => status === null)) break;
  }
  return answers;
}

function http(step: string, own: readonly string[], path: string, body: (ids: readonly string[]) => string): Step {
  const send = async (url: string): Promise<Answer[]> => {
    try {
      const reply = await fetch(`${url}${path}`, {
        method: "POST",
        headers: { "x-selfheal-key": KEY, connection: "close" },
        body: body(own),
        signal: AbortSignal.timeout(300_000),
      });
      const headers = Object.fromEntries(reply.headers);
      await reply.text();
      return [{ step, status: reply.status, headers, acked: reply.ok ? own : [] }];
    } catch {
      return [{ step, status: null, headers: {}, acked: [] }];
    }
  };
  return { name: step, ids: own, send };
}

function envelope(own: readonly string[]): string {
  const item = (id: string) => {
    const values = [{ type: "TypeError", value: "no city", stacktrace: { frames: [{ filename: "a.js", lineno: 1 }] } }];
    return `{"type":"event"}\n${JSON.stringify({ event_id: id, tags: { service: "shop" }, exception: { values } })}\n`;
  };
  return `${JSON.stringify({ event_id: own[0] })}\n${own.map(item).join("")}`;
}

/** Two messages, of which the second holds a list; whatever is acked before the end counts. */
async function stream(url: string, own: readonly string[]): Promise<Answer[]> {
  const socket = new WebSocket(`${url.replace("http", "ws")}/v1/stream`, { headers: { "x-selfheal-key": KEY } });
  socket.on("error", () => undefined);
  // Not `once`, which rejects when the handshake is cut off.
  const closed = new Promise<number>((resolve) => socket.on("close", resolve));
  let acked = 0;
  socket.on("message", (data) => {
    acked = Math.max(acked, (JSON.parse(String(data)) as { ack?: number }).ack ?? 0);
    if (acked === 2) socket.close(1000);
  });
  socket.on("open", () => {
    socket.send(JSON.stringify({ seq: 1, event: native(own[0] ?? "") }));
    socket.send(JSON.stringify({ seq: 2, events: own.slice(1).map(native) }));
  });
  const code = await closed;
  const status = acked === 2 ? 202 : code === 1006 ? null : code;
  return [{ step: "a stream", status, headers: {}, acked: own.slice(0, acked === 2 ? own.length : acked) }];
}
