/** Options of `init`. */
export interface Options {
  /** The server's URL, such as `https://selfheal.example.com`. */
  url: string;
  /** An ingest key of tier T0, because everybody who opens the page can read it. */
  key: string;
  /** Name of the service in selfheal's configuration. */
  service?: string;
  release?: string;
  environment?: string;
  /** Tags of every Event. */
  tags?: Record<string, string>;
  /** Capture uncaught exceptions and unhandled rejections. Default true. */
  captureUncaught?: boolean;
  /** Called before an Event is queued. Returns the Event to send, or null to drop it. */
  beforeSend?: (event: Event) => Event | null;
  /** Called once when the server refuses the key or an Event. Default: console.warn. */
  warn?: (message: string) => void;
}

/** An Event in the native format (docs/events.md). */
export interface Event {
  event_id: string;
  [field: string]: unknown;
}

/** Something that happened on the page before the exception. */
export interface Breadcrumb {
  /** `navigation` or `fetch`. */
  type: string;
  text: string;
  /** ISO 8601. */
  at: string;
}

/** Options of one captured exception. */
export interface CaptureOptions {
  /** false if nothing on the page caught the exception. Default true. */
  handled?: boolean;
  level?: "fatal" | "error" | "warning" | "info" | "debug";
  tags?: Record<string, string>;
  extra?: Record<string, unknown>;
}

/** Counters of the page's Events. */
export interface Stats {
  /** Events that are not yet durable on the server. */
  pending: number;
  /** Events that are durable on the server. */
  acked: number;
  /** Lost because too many waited, or because there were too many in one minute. */
  dropped: number;
  /** Refused by the server. */
  rejected: number;
}

/** A running client. */
export interface Client {
  /** Queues the exception and returns its Event id; "" if it was not queued. Never throws. */
  captureException(error: unknown, options?: CaptureOptions): string;
  /**
   * Sends now. Resolves to true if no Event waits afterwards. Resolves to false if some could not be sent; these stay
   * in storage.
   */
  flush(): Promise<boolean>;
  /** Removes its handlers from the page. The next page sends waiting Events. */
  close(): void;
  stats(): Stats;
}

/**
 * Starts capturing. `captureException` uses the client that was started last.
 * @example
 * init({ url: "https://selfheal.example.com", key: "public-key", service: "shop-web", release: "1.4.2" });
 */
export function init(options: Options): Client;
/** Captures an exception with the current client; returns "" without a client. */
export function captureException(error: unknown, options?: CaptureOptions): string;
