import type { Fault } from "../../domain/errors.ts";
import type { CapturedEvent, DropReason } from "../../domain/event.ts";
import type { Pressure } from "../admission/pressure.ts";
import type { IngestLimits } from "../admission/rateLimiter.ts";
import type { CorsOptions } from "./cors.ts";
import type { WireContext } from "./fields.ts";
import type { PresentedKey } from "./requestKey.ts";

/** The result of reading a payload: an Event without the trust tier, which only the server knows, or all faults. */
export type WireResult =
  | { kind: "event"; event: Omit<CapturedEvent, "trustTier"> }
  | { kind: "invalid"; faults: Fault[] };

/** Reads one Event of a body, after the owner of the key is known. Never throws. */
export type EventReader = (context: WireContext) => WireResult;

/** The contents of a body, as its protocol read them. */
export interface Contents {
  events: readonly EventReader[];
  /** True if the body is one Event and not a list, so that its faults need no index. */
  isOne?: boolean;
  /** The id that the client gave to the body as a whole. */
  id?: string;
  /** Events that could not be read. The rest of the body is valid. */
  broken?: readonly { reason: DropReason; events: number; fault: Fault }[];
  /** Items that are not exceptions: how many of each kind. They are accepted and intentionally discarded. */
  discarded?: Readonly<Record<string, number>>;
  /** Events that the client itself dropped, by the reason that it reports. */
  reported?: Readonly<Record<string, number>>;
}

/** Why a request is refused. Each protocol maps the codes to HTTP statuses. */
export type RefusalCode =
  | "unauthorized"
  | "invalid"
  | "tooLarge"
  | "tooDeep"
  | "unsupportedEncoding"
  | "rateLimited"
  | "cpuLimited"
  | "queueFull"
  | "unavailable"
  | "repeatedDelivery"
  | "internal";

/** The refusal of a whole request. Nothing of the body was stored. */
export interface Refusal {
  code: RefusalCode;
  message: string;
  faults: readonly Fault[];
  /** Seconds after which the same request can succeed; null if it never can. */
  retryAfterS: number | null;
  /** Number of Events that the refusal drops or defers; 1 if they could not be counted. */
  events?: number;
}

/** The outcome of a request. */
export type Outcome =
  | {
      /** All valid Events of the request are durable. */
      kind: "taken";
      /** By the index in `contents.events`; null for a rejected Event. */
      ids: readonly (string | null)[];
      rejected: readonly { index: number; faults: readonly Fault[] }[];
      contents: Contents;
      pressure: Pressure;
    }
  | { kind: "refused"; refusal: Refusal };

/** A decompressed body, and what a route may need to read it. */
export interface WireBody {
  bytes: Uint8Array;
  contentType: string;
  limits: IngestLimits;
  /** Reads a JSON document in the form of the protocol that recognises it. */
  document: (wire: unknown) => EventReader;
}

/** A response, ready to send. */
export interface Answer {
  status: number;
  headers: Record<string, string>;
  body: string | Uint8Array;
}

/** A route of a protocol: where it is, how it reads a body, and how it answers. */
export interface ProtocolRoute {
  /** `:name` matches one part of the path. POST only. */
  paths: readonly string[];
  cors: CorsOptions;
  /** Maximum size of a body after decompression, bytes. */
  maxBytes(limits: IngestLimits): number;
  key(request: Request): PresentedKey;
  /** The key that the body contains, for requests that present none; "" for none. */
  keyInBody?(bytes: Uint8Array): string;
  /** Reads the contents of a body, or returns a refusal. Never throws, whatever the bytes. */
  read(body: WireBody): Contents | Refusal;
  answer(outcome: Outcome, request: Request): Answer;
}

/** A wire protocol in which clients report exceptions. `protocols/index.ts` lists all of them. */
export interface Protocol {
  /** One word for logs and counters. */
  readonly name: string;
  /**
   * Whether its clients keep a request that was refused with Retry-After, and send it again. If not, the Events are
   * lost and counted as dropped.
   */
  readonly sendsAgain: boolean;
  /** A form of JSON document that any route accepts, and that `selfheal heal --event` reads from a file. */
  readonly document?: { matches(wire: object): boolean; read(wire: unknown, context: WireContext): WireResult };
  readonly routes: readonly ProtocolRoute[];
}
