import { onTestFinished } from "vitest";
import { WebSocket } from "ws";
import { eventually } from "./patience.ts";

export interface StreamMessage {
  ack?: number;
  credit?: number;
  seq?: number | null;
  error?: { code: string; message: string; faults: { path: string; message: string }[] };
}

export interface StreamClient {
  socket: WebSocket;
  received: StreamMessage[];
  send(message: unknown): void;
  /** Resolves once everything up to seq is acked. */
  acked(seq: number): Promise<void>;
  /** Resolves once such a message came. */
  told(is: (message: StreamMessage) => boolean): Promise<void>;
  errors(): StreamMessage[];
  closed: Promise<number>;
}

/** A raw WebSocket to `/v1/stream`. Rejects with the HTTP status when the handshake is refused. */
export async function openStream(
  url: string,
  key: string,
  headers?: Record<string, string>,
  query = "",
): Promise<StreamClient> {
  const socket = new WebSocket(`${url.replace("http", "ws")}/v1/stream${query}`, {
    headers: headers ?? { authorization: `Bearer ${key}` },
  });
  const received: StreamMessage[] = [];
  socket.on("message", (data) => received.push(JSON.parse(String(data))));
  const closed = new Promise<number>((resolve) => socket.on("close", (code) => resolve(code)));
  await new Promise<void>((resolve, reject) => {
    socket.on("open", () => resolve());
    socket.on("unexpected-response", (_request, response) => reject(new Error(String(response.statusCode))));
    socket.on("error", reject);
  });
  onTestFinished(() => socket.terminate());
  return {
    socket,
    received,
    send: (message) => socket.send(typeof message === "string" ? message : JSON.stringify(message)),
    acked: (seq) =>
      eventually(() => {
        if (!received.some((message) => (message.ack ?? -1) >= seq)) throw new Error(`no ack of ${seq}`);
      }, 5),
    told: (is) =>
      eventually(() => {
        if (!received.some(is)) throw new Error("it was not told");
      }, 5),
    errors: () => received.filter((message) => message.error !== undefined),
    closed,
  };
}
