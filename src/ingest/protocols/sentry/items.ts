import { createHash } from "node:crypto";
import type { IngestLimits } from "../../admission/rateLimiter.ts";
import { parseJson } from "../../transport/json.ts";
import { clientLosses } from "../clientLosses.ts";
import type { Contents, EventReader, Refusal, WireBody } from "../contract.ts";
import { unreadable } from "../faults.ts";
import { type Envelope, type EnvelopeItem, frameEnvelope } from "./envelope.ts";
import { readSentry } from "./event.ts";
import { readLog } from "./logItem.ts";

/**
 * Kinds of items that are accepted and discarded. An unknown kind counts as `other`, so that no client can create
 * counters.
 */
const DISCARDED = new Set(
  "log client_report transaction session sessions span attachment profile profile_chunk replay_event replay_recording replay_video user_report feedback check_in statsd metric metric_buckets trace_metric raw_security".split(
    " ",
  ),
);

/** Losses of these categories are lost Events. */
const OUR_CATEGORIES = new Set(["error", "default"]);

/** What one item adds to the contents. */
interface Piece {
  events?: EventReader[];
  /** Why an Event of the item is lost. */
  broken?: Broken;
  /** Kinds of what is discarded, one entry each. */
  discarded?: string[];
  losses?: (readonly [reason: unknown, events: unknown])[];
}

type Broken = NonNullable<Contents["broken"]>[number];

/** Reads the Events of an envelope, and what else it reports. */
export function readEnvelope(body: WireBody): Contents | Refusal {
  const envelope = frameEnvelope(body.bytes, body.limits);
  if (envelope === null) return unreadable("invalid", "the envelope's first line is not a JSON object");
  const pieces = envelope.items.map((item) => pieceOf(item, envelope, body.limits));
  if (envelope.broken > 0) pieces.push(lost("invalid", "part of the envelope is no item", envelope.broken));
  const events = pieces.flatMap((piece) => piece.events ?? []);
  const id = envelope.header.event_id;
  return {
    events,
    broken: pieces.flatMap((piece) => piece.broken ?? []),
    discarded: countOf(pieces.flatMap((piece) => piece.discarded ?? [])),
    reported: clientLosses(pieces.flatMap((piece) => piece.losses ?? [])),
    isOne: events.length === 1,
    ...(typeof id === "string" && { id }),
  };
}

/** Reads a single event: the body of `/store/`. */
export function readStore({ bytes, limits }: WireBody): Contents | Refusal {
  const json = parseJson(bytes, limits);
  if (json.kind === "refused") return unreadable(json.reason, json.message);
  return { events: [(context) => readSentry(json.value, context)], isOne: true };
}

/** The key in the DSN of an envelope that came through a tunnel; "" for none. The rest of the DSN is ignored. */
export function keyOfDsn(bytes: Uint8Array): string {
  const end = bytes.indexOf(10);
  const json = parseJson(bytes.subarray(0, Math.min(end < 0 ? bytes.length : end, 16_384)), {
    maxDepth: 8,
    maxValues: 1000,
  });
  const dsn = json.kind === "value" ? (json.value as { dsn?: unknown } | null)?.dsn : null;
  if (typeof dsn !== "string" || dsn.length > 1024 || !URL.canParse(dsn)) return "";
  try {
    return decodeURIComponent(new URL(dsn).username);
  } catch {
    // `https://%zz@host/1` is a URL, and its user name is no encoded text.
    return "";
  }
}

function pieceOf(item: EnvelopeItem, envelope: Envelope, limits: IngestLimits): Piece {
  switch (item.header.type) {
    case "event":
      return eventPiece(item, envelope, limits);
    case "log":
      return logPiece(item, limits);
    case "client_report":
      return reportPiece(item, limits);
    default:
      return { discarded: [String(item.header.type)] };
  }
}

function eventPiece(item: EnvelopeItem, envelope: Envelope, limits: IngestLimits): Piece {
  if (item.isCut) return lost("invalid", "the event ends early");
  if (item.payload.length > limits.maxBodyBytes) {
    return lost("tooLarge", `the event is larger than ${limits.maxBodyBytes} bytes`);
  }
  const json = parseJson(item.payload, limits);
  if (json.kind === "refused") return lost(json.reason, json.message);
  const { value } = json;
  if ((value as { type?: unknown } | null)?.type === "transaction") return { discarded: ["transaction"] };
  const isObject = typeof value === "object" && value !== null;
  const wire = isObject ? { event_id: envelope.header.event_id, ...value } : value;
  return { events: [(context) => readSentry(wire, context)] };
}

function logPiece(item: EnvelopeItem, limits: IngestLimits): Piece {
  const json = parseJson(item.payload, limits);
  const logs = json.kind === "value" ? (json.value as { items?: unknown } | null)?.items : null;
  if (!Array.isArray(logs)) return { discarded: ["log"] };
  const events: EventReader[] = [];
  for (const [index, wire] of logs.entries()) {
    if (events.length >= limits.maxEventsPerRequest) break;
    // Logs have no id. The id is a hash of the log, so that a log that is sent again counts once.
    const read = readLog(wire, () => sha256(JSON.stringify([wire, index])).slice(0, 32));
    if (read !== null) events.push(read);
  }
  return { events, discarded: Array<string>(logs.length - events.length).fill("log") };
}

function reportPiece(item: EnvelopeItem, limits: IngestLimits): Piece {
  const json = parseJson(item.payload, limits);
  const losses = json.kind === "value" ? (json.value as { discarded_events?: unknown } | null)?.discarded_events : null;
  if (!Array.isArray(losses)) return { discarded: ["client_report"] };
  const ours = losses.filter((loss: unknown) => OUR_CATEGORIES.has(String((loss as Loss | null)?.category)));
  return { losses: ours.map(({ reason, quantity }: Loss) => [reason, quantity] as const) };
}

interface Loss {
  reason?: unknown;
  category?: unknown;
  quantity?: unknown;
}

function lost(reason: Broken["reason"], message: string, events = 1): Piece {
  return { broken: { reason, events, fault: { path: "", message } } };
}

function countOf(kinds: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const kind of kinds) {
    const known = DISCARDED.has(kind) ? kind : "other";
    counts[known] = (counts[known] ?? 0) + 1;
  }
  return counts;
}

function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}
