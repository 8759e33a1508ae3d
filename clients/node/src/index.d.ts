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
  /** Lost because the buffer was full, or too large for the server. */
  dropped: number;
  /** Refused by the server as invalid. */
  rejected: number;
  connected: boolean;
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
export function flush(timeoutMs?: number): Promise<boolean>;
export function close(): Promise<void>;
/** What a reproduction needs of a request (Node's own, Express, Fastify…), without cookies and credentials. */
export function requestInfo(
  request: (IncomingMessage & { originalUrl?: string; body?: unknown }) | Record<string, unknown>,
): RequestInfo;
