import type { Fault } from "../../domain/errors.ts";
import { clientLosses } from "../protocols/clientLosses.ts";
import { type JsonLimits, parseJson } from "./json.ts";

/** A message of a stream. */
export interface StreamMessage {
  seq: number | null;
  wires: readonly unknown[];
  isArray: boolean;
  /** Events that the client reports as lost, by reason. */
  reported: Record<string, number>;
  /** Why the whole message is refused; null if it is not. */
  refused: { code: string; faults: Fault[] } | null;
}

/** Reads a message. It always returns one, so that a refused message is answered in order too. */
export function readMessage(text: string, limits: JsonLimits & { maxEventsPerRequest: number }): StreamMessage {
  const base = { seq: null, wires: [], isArray: false, reported: {}, refused: null };
  const refused = (seq: number | null, code: string, path: string, message: string): StreamMessage => {
    return { ...base, seq, refused: { code, faults: [{ path, message }] } };
  };
  // One level for the message itself, one for its list of events.
  const json = parseJson(text, { ...limits, maxDepth: limits.maxDepth + 2 });
  if (json.kind === "refused") return refused(seqOf(text), json.reason, "", json.message);
  if (typeof json.value !== "object" || json.value === null) {
    return refused(null, "invalid", "", "must be {seq, event}, {seq, events} or {seq, lost}");
  }
  const { seq, event, events, lost } = json.value as Record<string, unknown>;
  if (typeof seq !== "number" || !Number.isSafeInteger(seq) || seq < 0) {
    return refused(null, "invalid", "seq", "must be a whole number that grows with each message");
  }
  const reported = typeof lost === "object" && lost !== null ? clientLosses(Object.entries(lost)) : {};
  if (events === undefined && event === undefined) {
    if (Object.keys(reported).length > 0) return { ...base, seq, reported };
    return refused(seq, "invalid", "event", "required: one event, or a list in events");
  }
  if (events === undefined) return { ...base, seq, reported, wires: [event] };
  if (!Array.isArray(events) || events.length === 0 || events.length > limits.maxEventsPerRequest) {
    return refused(seq, "invalid", "events", `must be a list of 1 to ${limits.maxEventsPerRequest} events`);
  }
  return { ...base, seq, reported, wires: events, isArray: true };
}

/**
 * The `seq` of a message that cannot be parsed, so that the message can be acked. It is found only if it is the first
 * member, as all clients write it.
 */
function seqOf(text: string): number | null {
  const found = /^\s{0,8}\{\s{0,8}"seq"\s{0,8}:\s{0,8}(\d{1,15})\s{0,8},/.exec(text.slice(0, 80));
  return found === null ? null : Number(found[1]);
}
