import { createServer, type IncomingHttpHeaders } from "node:http";
import type { AddressInfo } from "node:net";
import { onTestFinished } from "vitest";

export interface Received {
  path: string;
  headers: IncomingHttpHeaders;
  body: string;
}

/** A real HTTP server on loopback that keeps what is POSTed to it. */
export interface Receiver {
  url: string;
  /** Everything that came, in order. */
  received: Received[];
  /** What a receiver that honours keys makes of it: the first of each `Idempotency-Key`. */
  heard(): Received[];
  /** What it answers from now on; `hangUp`: it cuts the connection once the request is in. */
  answer: { status: number; headers?: Record<string, string> } | "hangUp";
  /** Resolves when so many have come. */
  count(wanted: number): Promise<void>;
}

/** It goes when the running test is over. */
export async function startReceiver(): Promise<Receiver> {
  const waiting = new Set<() => void>();
  const receiver: Receiver = {
    url: "",
    received: [],
    heard() {
      const keys = this.received.map(({ headers }) => headers["idempotency-key"]);
      return this.received.filter((_, index) => keys.indexOf(keys[index]) === index);
    },
    answer: { status: 200 },
    async count(wanted) {
      while (this.received.length < wanted) await new Promise<void>((resolve) => waiting.add(resolve));
    },
  };
  const server = createServer((request, response) => {
    let body = "";
    request.setEncoding("utf8").on("data", (chunk: string) => {
      body += chunk;
    });
    request.on("end", () => {
      receiver.received.push({ path: request.url ?? "", headers: request.headers, body });
      for (const wake of waiting) wake();
      waiting.clear();
      if (receiver.answer === "hangUp") request.socket.destroy();
      else response.writeHead(receiver.answer.status, receiver.answer.headers).end("ok");
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  receiver.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return receiver;
}
