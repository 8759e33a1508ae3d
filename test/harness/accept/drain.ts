import { performance } from "node:perf_hooks";
import { eventId } from "../../helpers/eventBuilder.ts";
import { startServe } from "../../helpers/serveProcess.ts";
import { wireEvent } from "../../helpers/wireEvent.ts";
import { storedIn } from "./life.ts";

export interface DrainEnd {
  acked: number;
  /** Requests that got a closed socket instead of an answer. */
  cutOff: number;
  /** From SIGTERM until the process was gone, milliseconds. */
  tookMs: number;
  exitCode: number | null;
  violations: string[];
}

const CLIENTS = 16;

/** Tells a whole server to stop (SIGTERM) while clients send as fast as they can, once it acknowledged so many. */
export async function drainUnderLoad(dir: string, after = 100): Promise<DrainEnd> {
  const limits = { eventsPerMinutePerKey: 1_000_000, requestsPerMinutePerAddress: 1_000_000, minFreeDiskBytes: 0 };
  const server = await startServe(dir, { limits });
  const acked: string[] = [];
  let cutOff = 0;
  let sent = 0;
  let reached = () => {};
  const isLoaded = new Promise<void>((resolve) => {
    reached = resolve;
  });
  const odd = new Set<number>();
  const client = async (): Promise<void> => {
    for (;;) {
      const id = eventId(`drain ${sent++}`);
      try {
        const reply = await server.post(wireEvent({ event_id: id, service: "shop" }));
        await reply.text();
        if (reply.status === 202) acked.push(id);
        else if (reply.status !== 503 && reply.status !== 429) odd.add(reply.status);
      } catch {
        cutOff++;
        return;
      }
      if (acked.length >= after) reached();
    }
  };
  const clients = Promise.all(Array.from({ length: CLIENTS }, client));
  await isLoaded;
  const askedAt = performance.now();
  const exitCode = await server.stop();
  const tookMs = Math.round(performance.now() - askedAt);
  // Nobody is left without an answer or a closed socket: this ends.
  await clients;
  const stored = new Set(storedIn(dir).ids);
  const violations = acked.filter((id) => !stored.has(id)).map((id) => `${id} was acknowledged, and is not stored`);
  if (exitCode !== 0) violations.push(`it ended with ${exitCode}`);
  for (const status of odd) violations.push(`a client got ${status}`);
  return { acked: acked.length, cutOff, tookMs, exitCode, violations };
}
