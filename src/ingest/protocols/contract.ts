import type { Fault } from "../../domain/errors.ts";
import type { CapturedEvent, DropReason } from "../../domain/event.ts";
import type { Pressure } from "../admission/pressure.ts";
import type { IngestLimits } from "../admission/rateLimiter.ts";
import type { CorsOptions } from "./cors.ts";
import type { WireContext } from "./fields.ts";

/** What a protocol makes of a payload: an Event without what only the server knows, or everything wrong with it. */
export type WireResult =
  | { kind: "event"; event: Omit<CapturedEvent, "trustTier"> }
  | { kind: "invalid"; faults: Fault[] };

/** Reads one Event of a body once it is known whose it is. Never throws. */
export type EventReader = (context: WireContext) => WireResult;

/** What a body holds, in the protocol's own way of saying it. */
export interface Contents {
  events: readonly EventReader[];
  /** true: one Event by itself and no list, so that its faults need no index. */
  isOne?: boolean;
  /** The id that the client gave to the body as a whole. */
  id?: string;
  /** Events that were too broken to be read; the rest of the body is good. */
  broken?: readonly { reason: DropReason; events: number; fault: Fault }[];
  /** Items that are no exceptions: taken, and thrown away by intention; how many of each kind. */
  discarded?: Readonly<Record<string, number>>;
  /** Events that the client says it dropped itself, by its reason. */
  reported?: Readonly<Record<string, number>>;
}

export type RefusalCode =
  | "unauthorized"
  | "invalid"
  | "tooLarge"
  | "tooDeep"
  | "unsupportedEncoding"
  | "rateLimited"
  | "queueFull"
  | "unavailable"
  | "repeatedDelivery"
  | "internal";

/** Nothing of the body was kept. */
export interface Refusal {
  code: RefusalCode;
  message: string;
  faults: readonly Fault[];
  /** Seconds after which sending the same again has a chance; null: it has none. */
  retryAfterS: number | null;
  /** How many Events that loses, or puts off; 1 where nobody could count them. */
  events?: number;
}

/** What became of a request. */
export type Outcome =
  | {
      /** Whatever is good in it is durable. */
      kind: "taken";
      /** By the index in `contents.events`; null where it was rejected. */
      ids: readonly (string | null)[];
      rejected: readonly { index: number; faults: readonly Fault[] }[];
      contents: Contents;
      pressure: Pressure;
    }
  | { kind: "refused"; refusal: Refusal };

/** A body as it came, decompressed, and what a route may need to read it. */
export interface WireBody {
  bytes: Uint8Array;
  contentType: string;
  limits: IngestLimits;
  /** Reads a JSON document in whatever form a protocol recognises. */
  document: (wire: unknown) => EventReader;
}

/** An answer, ready to be sent. */
export interface Answer {
  status: number;
  headers: Record<string, string>;
  body: string | Uint8Array;
}

export interface ProtocolRoute {
  /** `:name` stands for one part of the path. POST only. */
  paths: readonly string[];
  cors: CorsOptions;
  /** The largest body, after decompression, in bytes. */
  maxBytes(limits: IngestLimits): number;
  /** The key that the request shows, "" for none. */
  key(request: Request): string;
  /** Where the key stands in the body instead. */
  keyInBody?(bytes: Uint8Array): string;
  /** Takes the body apart, or says why that cannot be done. Never throws, whatever the bytes. */
  read(body: WireBody): Contents | Refusal;
  answer(outcome: Outcome, request: Request): Answer;
}

/** A way in which clients say what was thrown. */
export interface Protocol {
  /** One word, for logs and counters. */
  readonly name: string;
  /** Whether its clients keep what was refused with a Retry-After, and send it again. If not, it is lost and counted so. */
  readonly sendsAgain: boolean;
  /** A JSON document of its own that may come by any route, and as a file of `selfheal heal --event`. */
  readonly document?: { matches(wire: object): boolean; read(wire: unknown, context: WireContext): WireResult };
  readonly routes: readonly ProtocolRoute[];
}
