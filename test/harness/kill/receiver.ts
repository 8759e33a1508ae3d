import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

/** A message as it came in. */
export interface Arrival {
  key: string;
  kind: string;
  ticketId: string | null;
}

/** Where people are told: it outlives the processes, and keeps everything that comes. */
export interface MessageReceiver {
  url: string;
  arrivals: readonly Arrival[];
  close(): void;
}

export async function startMessageReceiver(): Promise<MessageReceiver> {
  const arrivals: Arrival[] = [];
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    try {
      for await (const chunk of request) chunks.push(chunk as Buffer);
    } catch {
      // The sender was killed while it sent: half a message is none.
      return;
    }
    const { kind, ticketId } = JSON.parse(Buffer.concat(chunks).toString("utf8")) as Omit<Arrival, "key">;
    arrivals.push({ key: String(request.headers["idempotency-key"]), kind, ticketId });
    response.end();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    arrivals,
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
}
