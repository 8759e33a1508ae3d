import type { IncomingMessage } from "node:http";

export interface Options {
  /** Where selfheal listens: `http://127.0.0.1:4700` (or https, ws, wss). */
  url: string;
  /** The ingest key. */
  key: string;
  /** The service's name, as in selfheal's configuration. */
  service?: string;
  release?: string;
  environment?: string;
  /** Added to every event. */
  tags?: Record<string, string>;
  /** Capture uncaught exceptions and unhandled rejections. Default true. */
  captureUncaught?: boolean;
  /**
   * Capture the local variables of the app's own frames, so that selfheal can call the crashing function again with what it was
   * called with. `"uncaught"` (or true): when V8 guesses that nothing will catch the exception; `"all"`: of every exception,
   * which a framework that catches them (Express, Fastify, Hono) needs. Each look stops the app for a millisecond or two, 10
   * times a second at most. Default false.
   */
  captureLocals?: boolean | "uncaught" | "all";
  /** Names whose values never leave the app (variables, `extra`), beside passwords, tokens and the like. */
  denyKeys?: readonly string[];
  /** Send the source lines around the app's own frames. Default true. */
  sourceContext?: boolean;
  /** How many events may wait for an ack; the oldest goes first. Default 1000. */
  maxBuffer?: number;
  /** Told once when the server refuses the key or an event. Default: console.warn. */
  warn?: (message: string) => void;
}

export interface RequestInfo {
  method: string;
  url: string;
  headers: Record<string, string>;
  body?: string;
}

/** What is going on while something is captured. */
export interface Context {
  /** The request that is served: Node's own, Express', Fastify's, a web Request, or a `RequestInfo`. Read when something is captured. */
  request?: IncomingMessage | Record<string, unknown> | Request;
  /** Becomes the tag `user.id`. An id: names and addresses are scrubbed. */
  userId?: string | number;
  tags?: Record<string, string>;
}

export interface CaptureOptions {
  /** See `requestInfo`. */
  request?: RequestInfo;
  /** false when nothing in the app caught it. Default true. */
  handled?: boolean;
  level?: "fatal" | "error" | "warning" | "info" | "debug";
  tags?: Record<string, string>;
  extra?: Record<string, unknown>;
}

export interface Stats {
  /** Waiting for an ack. */
  pending: number;
  acked: number;
  /** Lost because the buffer was full, or too large for the server. The server is told. */
  dropped: number;
  /** Refused by the server as invalid. */
  rejected: number;
  connected: boolean;
  /** Whether local variables are being captured: it takes a moment after the start. */
  locals: boolean;
}

export interface Client {
  /** Queues the exception and returns its event id; "" when it could not be read. Never throws. */
  captureException(error: unknown, options?: CaptureOptions): string;
  /** Resolves to true once all events are durable on the server, to false after the time. */
  flush(timeoutMs?: number): Promise<boolean>;
  /** Flushes for up to 2 s, then disconnects and removes its handlers. */
  close(): Promise<void>;
  stats(): Stats;
}

/** Starts streaming. The client that was started last is the one `captureException`, `flush` and `close` use. */
export function init(options: Options): Client;
export function captureException(error: unknown, options?: CaptureOptions): string;
/** Runs `work` in a context; what is captured in it and in all that it starts carries it. Inner ones add to outer ones. */
export function withContext<T>(context: Context, work: () => T): T;
/** Adds to the context that this runs in, such as the user's id once it is known. Nothing happens outside of one. */
export function addContext(more: Context): void;
/** Middleware for Express and its like: each request is a context of its own. */
export function requestContext(): (request: unknown, response: unknown, next: () => void) => void;
export function flush(timeoutMs?: number): Promise<boolean>;
export function close(): Promise<void>;
/** What a reproduction needs of a request (Node's own, Express, Fastify…), without cookies and credentials. */
export function requestInfo(
  request: (IncomingMessage & { originalUrl?: string; body?: unknown }) | Record<string, unknown>,
): RequestInfo;
