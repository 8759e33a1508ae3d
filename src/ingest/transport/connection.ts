import type { Fault } from "../../domain/errors.ts";
import { keyAccount } from "../admission/cpuBudget.ts";
import type { KeyOwner } from "../admission/ingestKeys.ts";
import { documentReader } from "../normalize.ts";
import { summaryOf, within } from "../protocols/faults.ts";
import { createCredit } from "./credit.ts";
import { acceptEvents, type RouteDeps } from "./httpRoutes.ts";
import type { Peer } from "./peer.ts";
import { readMessage, type StreamMessage } from "./streamMessage.ts";

/** The server's side of one client's stream. */
export interface Connection {
  /** Accepts the next message. Answers are sent later, in order. */
  receive(text: string): void;
}

/** A message that was not parsed yet, with its size in bytes. */
interface Waiting {
  text: string;
  size: number;
}

/** Close code for overload. No Event is lost: the client keeps what was not acked and connects again. */
const TRY_AGAIN_LATER = 1013;
/** Maximum number of messages that wait in memory for one client. At this number its socket is paused. */
const MAX_QUEUED = 1000;
/** Maximum number of messages that share one commit. */
const MAX_ROUND = 200;

/**
 * Creates the stream of one client. Messages are processed in order, and waiting messages share one durable commit.
 * `{ack: seq}` means that everything up to `seq` was processed. A message that can never be accepted is reported in
 * `{seq, error}` and counts as processed. `withCredit`: the client asked for credit, the number of Events that it may
 * send ahead.
 */
export function createConnection(deps: RouteDeps, owner: KeyOwner, peer: Peer, withCredit = false): Connection {
  const { acceptor, gate, limits } = deps;
  const of = { project: owner.project, sendsAgain: true };
  const lease = deps.budget.open();
  const credit = withCredit ? createCredit(acceptor, peer) : null;
  const queue: Waiting[] = [];
  let queuedBytes = 0;
  let ack: number | null = null;
  let isDraining = false;

  const isFull = () => queue.length >= MAX_QUEUED || queuedBytes > 2 * limits.maxBodyBytes;

  const closeOverloaded = (): void => {
    for (const { size } of queue.splice(0)) lease.give(size);
    queuedBytes = 0;
    peer.close(TRY_AGAIN_LATER, "no room; connect again later");
  };

  const drain = async (): Promise<void> => {
    if (isDraining) return;
    isDraining = true;
    while (queue.length > 0 && peer.isOpen()) {
      if (!(await waitForCpu())) break;
      const { round, size } = await nextRound();
      const isTaken = await process(round);
      lease.give(size);
      if (!isTaken) closeOverloaded();
      else if (!isFull()) peer.resume();
    }
    if (!peer.isOpen()) lease.give();
    isDraining = false;
  };

  /** Takes as many waiting messages from the queue as fit one commit; at least one. Each is parsed when it is its turn. */
  const nextRound = async (): Promise<{ round: StreamMessage[]; size: number }> => {
    const round: StreamMessage[] = [];
    let [size, events] = [0, 0];
    while (round.length < MAX_ROUND && events < limits.maxEventsPerRequest) {
      if (round.length > 0 && gate.cpuWait(owner) !== null) break;
      const waiting = queue.shift();
      if (waiting === undefined) break;
      queuedBytes -= waiting.size;
      size += waiting.size;
      const message = await deps.lane.run(keyAccount(owner), () => readMessage(waiting.text, limits));
      if (message.refused !== null) acceptor.drop(message.refused.code === "tooDeep" ? "tooDeep" : "invalid", 1, of);
      events += message.wires.length;
      round.push(message);
    }
    return { round, size };
  };

  /** Stores a round. True if it is durable and acked. */
  const process = async (round: readonly StreamMessage[]): Promise<boolean> => {
    const wires = round.flatMap((message) => message.wires);
    if (wires.length > 0 && !(await grant(wires.length))) return false;
    const result = wires.length === 0 ? null : await acceptEvents(deps, wires.map(documentReader), owner);
    if (result !== null && result.kind !== "accepted") {
      acceptor.drop(result.kind === "full" ? "queueFull" : "unavailable", wires.length, of);
      return false;
    }
    for (const { reported } of round) await acceptor.note({ events: [], reported }, owner.project);
    tell(round, result?.rejected ?? []);
    if (ack !== null) peer.send(JSON.stringify({ ack, ...(credit !== null && { credit: await credit.now() }) }));
    return true;
  };

  /** Reports what was refused of each message, and raises the ack. */
  const tell = (round: readonly StreamMessage[], rejected: readonly { index: number; faults: Fault[] }[]): void => {
    let from = 0;
    for (const message of round) {
      const until = from + message.wires.length;
      const own = rejected.filter(({ index }) => index >= from && index < until);
      const faults = own.flatMap(({ index, faults }) =>
        faults.map((fault) => (message.isArray ? within(index - from, fault) : fault)),
      );
      from = until;
      if (message.refused !== null) sendError(message.seq, message.refused.code, message.refused.faults);
      else if (faults.length > 0) sendError(message.seq, "invalid", faults);
      if (message.seq !== null) ack = Math.max(ack ?? 0, message.seq);
    }
  };

  /** Waits until the key may use the CPU again. False if the client disconnected meanwhile. */
  const waitForCpu = async (): Promise<boolean> => {
    for (let waitMs = gate.cpuWait(owner); waitMs !== null; waitMs = gate.cpuWait(owner)) {
      peer.pause();
      await peer.wait(waitMs);
      if (!peer.isOpen()) return false;
    }
    return true;
  };

  /**
   * Waits for capacity and for the key's budget. Nothing is lost: the client only gets its ack later. False if the
   * client disconnected meanwhile.
   */
  const grant = async (events: number): Promise<boolean> => {
    if (credit !== null && !(await credit.room())) return false;
    for (;;) {
      const waitMs = await gate.waitFor(owner, events);
      if (waitMs === null) return true;
      peer.pause();
      await peer.wait(waitMs);
      if (!peer.isOpen()) return false;
    }
  };

  const sendError = (seq: number | null, code: string, faults: readonly Fault[]) =>
    peer.send(JSON.stringify({ seq, error: { code, message: summaryOf(faults), faults } }));

  return {
    receive: (text) => {
      const size = Buffer.byteLength(text);
      if (!lease.take(size)) return closeOverloaded();
      queue.push({ text, size });
      queuedBytes += size;
      if (isFull()) peer.pause();
      void drain();
    },
  };
}
