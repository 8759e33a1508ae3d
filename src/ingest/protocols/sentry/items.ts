import { createHash } from "node:crypto";
import { parseJson } from "../../json.ts";
import type { Contents, EventReader, Refusal, WireBody } from "../contract.ts";
import { unreadable } from "../faults.ts";
import { lossesOf } from "../lost.ts";
import { type Envelope, type EnvelopeItem, frameEnvelope } from "./envelope.ts";
import { readSentry } from "./event.ts";
import { readLog } from "./log.ts";

/** What is taken and thrown away; a kind that is not known counts as `other`, so that no client can make up counters. */
const DISCARDED = new Set(
  "transaction session sessions span attachment profile profile_chunk replay_event replay_recording replay_video user_report feedback check_in statsd metric metric_buckets trace_metric raw_security".split(
    " ",
  ),
);

/** Losses of these categories are lost Events. */
const OUR_CATEGORIES = new Set(["error", "default"]);

/** The Events of an envelope, and what else it tells. */
export function readEnvelope(body: WireBody): Contents | Refusal {
  const envelope = frameEnvelope(body.bytes, body.limits);
  if (envelope === null) return unreadable("invalid", "the envelope's first line is not a JSON object");
  const found = new Found(envelope, body);
  for (const item of envelope.items) found.add(item);
  return found.contents();
}

/** A single event, as `/store/` takes it. */
export function readStore({ bytes, limits }: WireBody): Contents | Refusal {
  const json = parseJson(bytes, limits);
  if (json.kind === "refused") return unreadable(json.reason, json.message);
  return { events: [(context) => readSentry(json.value, context)], isOne: true };
}

/** The DSN of an envelope that came through a tunnel: the key is all of it that counts. */
export function keyOfDsn(bytes: Uint8Array): string {
  const end = bytes.indexOf(10);
  const json = parseJson(bytes.subarray(0, Math.min(end < 0 ? bytes.length : end, 16_384)), {
    maxDepth: 8,
    maxValues: 1000,
  });
  const dsn = json.kind === "value" ? (json.value as { dsn?: unknown } | null)?.dsn : null;
  return typeof dsn === "string" && dsn.length <= 1024 && URL.canParse(dsn)
    ? decodeURIComponent(new URL(dsn).username)
    : "";
}

class Found {
  readonly #envelope: Envelope;
  readonly #body: WireBody;
  readonly #events: EventReader[] = [];
  readonly #broken: NonNullable<Contents["broken"]>[number][] = [];
  readonly #discarded: Record<string, number> = {};
  readonly #losses: [unknown, unknown][] = [];

  constructor(envelope: Envelope, body: WireBody) {
    this.#envelope = envelope;
    this.#body = body;
  }

  add(item: EnvelopeItem): void {
    switch (item.header.type) {
      case "event":
        return this.#addEvent(item);
      case "log":
        return this.#addLogs(item);
      case "client_report":
        return this.#addReport(item);
      default:
        return this.#discard(String(item.header.type));
    }
  }

  contents(): Contents {
    const { broken } = this.#envelope;
    if (broken > 0) this.#lose("invalid", "part of the envelope is no item", broken);
    const id = this.#envelope.header.event_id;
    return {
      events: this.#events,
      broken: this.#broken,
      discarded: this.#discarded,
      reported: lossesOf(this.#losses),
      isOne: this.#events.length === 1,
      ...(typeof id === "string" && { id }),
    };
  }

  #addEvent(item: EnvelopeItem): void {
    if (item.isCut) return this.#lose("invalid", "the event ends early");
    const { limits } = this.#body;
    if (item.payload.length > limits.maxBodyBytes) {
      return this.#lose("tooLarge", `the event is larger than ${limits.maxBodyBytes} bytes`);
    }
    const json = parseJson(item.payload, limits);
    if (json.kind === "refused") return this.#lose(json.reason, json.message);
    if ((json.value as { type?: unknown } | null)?.type === "transaction") return this.#discard("transaction");
    const id = this.#envelope.header.event_id;
    const wire = typeof json.value === "object" && json.value !== null ? { event_id: id, ...json.value } : json.value;
    this.#events.push((context) => readSentry(wire, context));
  }

  #addLogs(item: EnvelopeItem): void {
    const json = parseJson(item.payload, this.#body.limits);
    const items = json.kind === "value" ? (json.value as { items?: unknown } | null)?.items : null;
    if (!Array.isArray(items)) return this.#discard("log");
    for (const [index, wire] of items.entries()) {
      const id = createHash("sha256")
        .update(JSON.stringify([wire, index]))
        .digest("hex")
        .slice(0, 32);
      const read = this.#events.length < this.#body.limits.maxEventsPerRequest ? readLog(wire, id) : null;
      if (read === null) this.#discard("log");
      else this.#events.push(read);
    }
  }

  #addReport(item: EnvelopeItem): void {
    const json = parseJson(item.payload, this.#body.limits);
    const losses =
      json.kind === "value" ? (json.value as { discarded_events?: unknown } | null)?.discarded_events : null;
    if (!Array.isArray(losses)) return this.#discard("client_report");
    for (const loss of losses) {
      const { reason, category, quantity } = (loss ?? {}) as Record<string, unknown>;
      if (typeof category === "string" && OUR_CATEGORIES.has(category)) this.#losses.push([reason, quantity]);
    }
  }

  #discard(kind: string): void {
    const known = DISCARDED.has(kind) || kind === "log" || kind === "client_report" ? kind : "other";
    this.#discarded[known] = (this.#discarded[known] ?? 0) + 1;
  }

  #lose(reason: "invalid" | "tooLarge" | "tooDeep", message: string, events = 1): void {
    this.#broken.push({ reason, events, fault: { path: "", message } });
  }
}
