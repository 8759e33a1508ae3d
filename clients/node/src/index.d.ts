import type { IncomingMessage } from "node:http";

/** Options of `init`. */
export interface Options {
  /** The server's URL, such as `http://127.0.0.1:4700` (or https, ws, wss). */
  url: string;
  /** The ingest key. */
  key: string;
  /** Name of the service in selfheal's configuration. */
  service?: string;
  release?: string;
  environment?: string;
  /** Tags of every Event. */
  tags?: Record<string, string>;
  /** Capture uncaught exceptions and unhandled rejections. Default true. */
  captureUncaught?: boolean;
  /**
   * Capture the local variables of the app's own frames, so that selfheal can call the crashing function again with the
   * same arguments. `"uncaught"` (or true): for exceptions that V8 predicts to be uncaught. `"all"`: for every
   * exception; use it with a framework that catches exceptions (Express, Fastify, Hono). Each capture pauses the app
   * for 1 to 2 ms, at most 10 times a second. Default false.
   */
  captureLocals?: boolean | "uncaught" | "all";
  /** Names whose values never leave the app (variables, `extra`), in addition to passwords, tokens and the like. */
  denyKeys?: readonly string[];
  /** Send the source lines around the app's own frames. Default true. */
  sourceContext?: boolean;
  /** How many Events may wait for an ack; the oldest is dropped first. Default 1000. */
  maxBuffer?: number;
  /** Called once when the server refuses the key or an Event. Default: console.warn. */
  warn?: (message: string) => void;
}

/** A request without cookies and credentials, as `requestInfo` returns it. */
export interface RequestInfo {
  method: string;
  url: string;
  headers: Record<string, string>;
  body?: string;
}

/** The context in which an Event is captured. */
export interface Context {
  /**
   * The current request: of Node.js, Express or Fastify, a web Request, or a `RequestInfo`. It is read when an Event is
   * captured.
   */
  request?: IncomingMessage | Record<string, unknown> | Request;
  /** Becomes the tag `user.id`. Use an id, because names and addresses are scrubbed. */
  userId?: string | number;
  tags?: Record<string, string>;
}

/** Options of one captured exception. */
export interface CaptureOptions {
  /** See `requestInfo`. */
  request?: RequestInfo;
  /** false if the app did not catch the exception. Default true. */
  handled?: boolean;
  level?: "fatal" | "error" | "warning" | "info" | "debug";
  tags?: Record<string, string>;
  extra?: Record<string, unknown>;
}

/** Counters of the client's Events. */
export interface Stats {
  /** Events that wait for an ack. */
  pending: number;
  /** Events that are durable on the server. */
  acked: number;
  /**
   * Lost because the buffer was full, or because they were too large for the server. Losses are reported to the server.
   */
  dropped: number;
  /** Refused by the server as invalid. */
  rejected: number;
  connected: boolean;
  /** Whether local variables are being captured. It takes a moment after the start. */
  locals: boolean;
}

/** A running client. */
export interface Client {
  /** Queues the exception and returns its Event id; "" if the exception could not be read. Never throws. */
  captureException(error: unknown, options?: CaptureOptions): string;
  /** Resolves to true once all Events are durable on the server, or to false after the timeout. Default 2000 ms. */
  flush(timeoutMs?: number): Promise<boolean>;
  /** Flushes for up to 2 s, then disconnects and removes its handlers. */
  close(): Promise<void>;
  stats(): Stats;
}

/**
 * Starts streaming. `captureException`, `flush` and `close` use the client that was started last.
 * @example
 * init({ url: "http://127.0.0.1:4700", key: process.env.SELFHEAL_KEY, service: "shop", release: process.env.GIT_SHA });
 */
export function init(options: Options): Client;
/** Captures an exception with the current client; returns "" without a client. */
export function captureException(error: unknown, options?: CaptureOptions): string;
/**
 * Runs `work` in a context. Events that are captured in it, and in all that it starts, have the context. An inner
 * context adds to the outer one.
 */
export function withContext<T>(context: Context, work: () => T): T;
/** Adds to the current context, such as the user's id once it is known. Does nothing outside of a context. */
export function addContext(more: Context): void;
/** Middleware for Express and similar frameworks: each request gets its own context. */
export function requestContext(): (request: unknown, response: unknown, next: () => void) => void;
/** Flushes the current client; see `Client.flush`. Resolves to true without a client. */
export function flush(timeoutMs?: number): Promise<boolean>;
/** Closes the current client; see `Client.close`. */
export function close(): Promise<void>;
/**
 * The parts of a request (of Node.js, Express, Fastify…) that a Reproduction needs, without cookies and credentials.
 */
export function requestInfo(
  request: (IncomingMessage & { originalUrl?: string; body?: unknown }) | Record<string, unknown>,
): RequestInfo;
