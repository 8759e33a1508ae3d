export interface Options {
  /** Where selfheal listens: `https://selfheal.example.com`. */
  url: string;
  /** An ingest key of tier T0: everybody who reads the page knows it. */
  key: string;
  /** The service's name, as in selfheal's configuration. */
  service?: string;
  release?: string;
  environment?: string;
  /** Added to every event. */
  tags?: Record<string, string>;
  /** Capture what nothing catches. Default true. */
  captureUncaught?: boolean;
  /** Changes an event before it is kept; null: it is not sent. */
  beforeSend?: (event: Event) => Event | null;
  /** Told once when the server refuses the key or an event. Default: console.warn. */
  warn?: (message: string) => void;
}

/** An event in the native form (docs/events.md). */
export interface Event {
  event_id: string;
  [field: string]: unknown;
}

export interface Breadcrumb {
  /** `navigation` or `fetch`. */
  type: string;
  text: string;
  /** ISO 8601. */
  at: string;
}

export interface CaptureOptions {
  /** false when nothing on the page caught it. Default true. */
  handled?: boolean;
  level?: "fatal" | "error" | "warning" | "info" | "debug";
  tags?: Record<string, string>;
  extra?: Record<string, unknown>;
}

export interface Stats {
  /** Waiting until the server says that they are durable. */
  pending: number;
  acked: number;
  /** Lost: too many waited, or too many in one minute. */
  dropped: number;
  /** Refused by the server. */
  rejected: number;
}

export interface Client {
  /** Keeps the exception and returns its event id; "" when it was not kept. Never throws. */
  captureException(error: unknown, options?: CaptureOptions): string;
  /** Sends now. True once nothing waits any more; false when some could not be sent, which stays in storage. */
  flush(): Promise<boolean>;
  /** Takes its handlers out of the page. What waits is sent by the next page. */
  close(): void;
  stats(): Stats;
}

/** Starts capturing. The client that was started last is the one `captureException` uses. */
export function init(options: Options): Client;
export function captureException(error: unknown, options?: CaptureOptions): string;
