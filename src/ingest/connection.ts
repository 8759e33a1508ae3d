import type { Fault } from "../domain/errors.ts";
import type { KeyOwner } from "./auth.ts";
import { type RouteDeps, take } from "./http.ts";
import { parseJson } from "./json.ts";
import { documentReader } from "./normalize.ts";
import { summaryOf, within } from "./protocols/faults.ts";

/** The socket of one client, as far as the protocol needs it. */
export interface Peer {
  send(text: string): void;
  close(code: number, reason: string): void;
  /** Stops and starts reading: what arrives meanwhile waits in the kernel, and so in the client. */
  pause(): void;
  resume(): void;
  /** Resolves after that many milliseconds, or when the socket is gone. */
  wait(ms: number): Promise<void>;
  isOpen(): boolean;
}

export interface Connection {
  /** Takes the next message. Answers come later, in order. */
  receive(text: string): void;
}

/** The server lets go of the connection but not of the events: the client keeps what was not acked and connects again. */
const TRY_AGAIN_LATER = 1013;
/** How much may wait in memory for one client before its socket is paused. */
const MAX_QUEUED = 1000;
/** How many messages share one commit. */
const MAX_ROUND = 200;

interface Message {
  seq: number | null;
  size: number;
  wires: readonly unknown[];
  isArray: boolean;
  /** Why the message as a whole is refused. */
  refused: { code: string; faults: Fault[] } | null;
}

/**
 * One client's stream: messages are taken in order, those that wait share one durable commit, and `{ack: seq}` says that
 * everything up to seq was processed. What can never be accepted is named in `{seq, error}` and counts as processed.
 */
export function createConnection(deps: RouteDeps, owner: KeyOwner, peer: Peer): Connection {
  const queue: Message[] = [];
  let queuedBytes = 0;
  let ack: number | null = null;
  let isDraining = false;

  const isFull = () => queue.length >= MAX_QUEUED || queuedBytes > 2 * deps.limits.maxBodyBytes;

  const drain = async (): Promise<void> => {
    if (isDraining) return;
    isDraining = true;
    while (queue.length > 0 && peer.isOpen()) {
      const round = nextRound(queue, deps.limits.maxEventsPerRequest);
      queuedBytes -= round.reduce((sum, message) => sum + message.size, 0);
      if (!(await process(round))) {
        queue.length = 0;
        peer.close(TRY_AGAIN_LATER, "no room; connect again later");
      }
      if (!isFull()) peer.resume();
    }
    isDraining = false;
  };

  /** Whether the round is durable and was acked. */
  const process = async (round: readonly Message[]): Promise<boolean> => {
    const wires = round.flatMap((message) => message.wires);
    if (wires.length > 0 && !(await grant(wires.length))) return false;
    const result = wires.length === 0 ? null : await take(deps, wires.map(documentReader), owner);
    if (result !== null && result.kind !== "accepted") return false;
    let from = 0;
    for (const message of round) {
      const until = from + message.wires.length;
      const own = (result?.rejected ?? []).filter(({ index }) => index >= from && index < until);
      const faults = own.flatMap(({ index, faults }) =>
        faults.map((fault) => (message.isArray ? within(index - from, fault) : fault)),
      );
      from = until;
      if (message.refused !== null) sendError(message.seq, message.refused.code, message.refused.faults);
      else if (faults.length > 0) sendError(message.seq, "invalid", faults);
      if (message.seq !== null) ack = Math.max(ack ?? 0, message.seq);
    }
    if (ack !== null) peer.send(JSON.stringify({ ack }));
    return true;
  };

  /** Waits for the key's budget: nothing is lost, the client only sees its ack later. False when the client left meanwhile. */
  const grant = async (events: number): Promise<boolean> => {
    for (;;) {
      const rate = await deps.limiter.take(owner.keyId, events);
      if (rate.kind === "granted") return true;
      peer.pause();
      await peer.wait(rate.retryAfterMs);
      if (!peer.isOpen()) return false;
    }
  };

  const sendError = (seq: number | null, code: string, faults: readonly Fault[]) =>
    peer.send(JSON.stringify({ seq, error: { code, message: summaryOf(faults), faults } }));

  return {
    receive: (text) => {
      const message = readMessage(text, deps);
      if (message.refused !== null) deps.acceptor.drop(message.refused.code === "tooDeep" ? "tooDeep" : "invalid");
      queue.push(message);
      queuedBytes += message.size;
      if (isFull()) peer.pause();
      void drain();
    },
  };
}

/** As many waiting messages as fit one commit; at least one. */
function nextRound(queue: Message[], maxEvents: number): Message[] {
  let events = 0;
  const end = queue.slice(0, MAX_ROUND).findIndex((message, i) => {
    events += message.wires.length;
    return i > 0 && events > maxEvents;
  });
  return queue.splice(0, end < 0 ? MAX_ROUND : end);
}

function readMessage(text: string, { limits }: RouteDeps): Message {
  // One level for the message itself, one for its list of events.
  const json = parseJson(text, { ...limits, maxDepth: limits.maxDepth + 2 });
  const refused = (seq: number | null, code: string, fault: Fault): Message => {
    return { seq, size: text.length, wires: [], isArray: false, refused: { code, faults: [fault] } };
  };
  if (json.kind === "refused") return refused(seqOf(text), json.reason, { path: "", message: json.message });
  if (typeof json.value !== "object" || json.value === null) {
    return refused(null, "invalid", { path: "", message: "must be {seq, event} or {seq, events}" });
  }
  const { seq, event, events } = json.value as { seq?: unknown; event?: unknown; events?: unknown };
  if (typeof seq !== "number" || !Number.isSafeInteger(seq) || seq < 0) {
    return refused(null, "invalid", { path: "seq", message: "must be a whole number that grows with each message" });
  }
  if (events === undefined && event === undefined) {
    return refused(seq, "invalid", { path: "event", message: "required: one event, or a list in events" });
  }
  if (events === undefined) return { seq, size: text.length, wires: [event], isArray: false, refused: null };
  if (!Array.isArray(events) || events.length === 0 || events.length > limits.maxEventsPerRequest) {
    return refused(seq, "invalid", {
      path: "events",
      message: `must be a list of 1 to ${limits.maxEventsPerRequest} events`,
    });
  }
  return { seq, size: text.length, wires: events, isArray: true, refused: null };
}

/** The number of a message that cannot be parsed, where it is written first as all clients do: so that it can be acked. */
function seqOf(text: string): number | null {
  const found = /^\s{0,8}\{\s{0,8}"seq"\s{0,8}:\s{0,8}(\d{1,15})\s{0,8},/.exec(text);
  return found === null ? null : Number(found[1]);
}
