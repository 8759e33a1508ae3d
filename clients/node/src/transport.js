import { WebSocket } from "ws";
import { createOutbox } from "./outbox.js";

const FIRST_BACKOFF_MS = 250;
const LONGEST_BACKOFF_MS = 30_000;
/**
 * The server pings every 30 s. A socket that receives nothing for longer is dead, although it may not be closed yet.
 */
const SILENCE_MS = 75_000;
const HANDSHAKE_MS = 10_000;
/** Messages in flight before the server has announced its credit. */
const FIRST_CREDIT = 1;
/** The most messages in flight, whatever the server allows, because a disconnect sends all of them again. */
const MOST_UNDER_WAY = 256;
/** Close code of a server that received a message larger than its limit. */
const TOO_LARGE = 1009;

/**
 * Streams Events over one WebSocket. An Event leaves the outbox when the server has acked it, because it is durable
 * there. After a disconnect all other Events are sent again; the server recognizes duplicates by their ids. Dropped
 * Events are reported. Only `flush` keeps the process alive.
 * @param {{url: string, key: string, maxBuffer: number, warn: (message: string) => void}} options
 */
export function createTransport({ url, key, maxBuffer, warn }) {
  const address = streamUrl(url);
  const outbox = createOutbox(maxBuffer);
  let credit = FIRST_CREDIT;
  let backoffMs = FIRST_BACKOFF_MS;
  let rejected = 0;
  /** @type {WebSocket | null} */
  let socket = null;
  /** @type {NodeJS.Timeout | undefined} */
  let retry;
  /** @type {NodeJS.Timeout | undefined} */
  let silence;
  let isClosed = false;
  let hasWarned = false;
  /** @type {Set<() => void>} */
  const waiting = new Set();

  const warnOnce = (/** @type {string} */ message) => {
    if (!hasWarned) warn(message);
    hasWarned = true;
  };

  const pump = () => {
    while (socket?.readyState === WebSocket.OPEN) {
      const entry = outbox.next(Math.min(credit, MOST_UNDER_WAY));
      if (entry === null) return;
      socket.send(entry.text);
    }
  };

  const onMessage = (/** @type {string} */ text) => {
    const said = JSON.parse(text);
    if (said.error) {
      rejected++;
      warnOnce(`the server refuses events: ${said.error.message}`);
    }
    if (typeof said.credit === "number") credit = said.credit;
    if (typeof said.ack === "number") {
      outbox.ack(said.ack);
      backoffMs = FIRST_BACKOFF_MS;
    }
    pump();
    if (outbox.isEmpty()) for (const done of waiting) done();
  };

  const onClose = (/** @type {number} */ code) => {
    clearTimeout(silence);
    socket = null;
    credit = FIRST_CREDIT;
    if (code === TOO_LARGE) {
      outbox.dropLargest();
      warnOnce("an event is larger than the server takes");
    }
    outbox.rewind();
    if (outbox.isEmpty()) for (const done of waiting) done();
    if (isClosed) return;
    retry = setTimeout(connect, backoffMs * (0.5 + Math.random() / 2));
    retry.unref();
    backoffMs = Math.min(backoffMs * 2, LONGEST_BACKOFF_MS);
  };

  const connect = () => {
    if (address === null) return;
    retry = undefined;
    const opened = new WebSocket(address, {
      headers: { authorization: `Bearer ${key}` },
      perMessageDeflate: false,
      handshakeTimeout: HANDSHAKE_MS,
      finishRequest: (request) => {
        request.on("socket", (raw) => raw.unref());
        request.end();
      },
    });
    socket = opened;
    const heard = () => {
      clearTimeout(silence);
      silence = setTimeout(() => opened.terminate(), SILENCE_MS);
      silence.unref();
    };
    opened.on("open", () => {
      heard();
      pump();
    });
    opened.on("ping", heard);
    opened.on("message", (data) => {
      heard();
      try {
        onMessage(String(data));
      } catch {
        opened.terminate();
      }
    });
    opened.on("unexpected-response", (_request, response) => {
      if (response.statusCode === 401) warnOnce("the server does not know this key");
      response.resume();
      opened.terminate();
    });
    // A `close` event follows, which reconnects.
    opened.on("error", () => undefined);
    opened.on("close", onClose);
  };
  if (address === null) {
    isClosed = true;
    warnOnce(`not started: ${url} is no address of a server`);
  }
  connect();

  return {
    /** @param {object} event */
    send(event) {
      if (isClosed) return;
      outbox.add(event);
      pump();
    },

    /** @param {number} timeoutMs @returns {Promise<boolean>} */
    flush(timeoutMs) {
      if (outbox.isEmpty()) return Promise.resolve(true);
      if (retry !== undefined) {
        clearTimeout(retry);
        connect();
      }
      return new Promise((resolve) => {
        const settle = (/** @type {boolean} */ isEmpty) => {
          clearTimeout(timer);
          waiting.delete(done);
          resolve(isEmpty);
        };
        const done = () => settle(true);
        // This timer keeps the process alive, because the socket does not.
        const timer = setTimeout(() => settle(false), timeoutMs);
        waiting.add(done);
      });
    },

    close() {
      isClosed = true;
      clearTimeout(retry);
      clearTimeout(silence);
      socket?.close(1000);
    },

    stats: () => ({ ...outbox.stats(), rejected, connected: socket?.readyState === WebSocket.OPEN }),
  };
}

/**
 * The address of the stream; null if `url` is not an http(s) or ws(s) URL. @param {string} url May contain the path of
 * a proxy.
 */
function streamUrl(url) {
  if (!URL.canParse(url)) return null;
  const address = new URL(url);
  address.protocol = address.protocol.replace(/^http/, "ws");
  if (!/^wss?:$/.test(address.protocol)) return null;
  address.hash = "";
  if (!address.pathname.endsWith("/v1/stream")) address.pathname = `${address.pathname.replace(/\/$/, "")}/v1/stream`;
  address.searchParams.set("credits", "1");
  return address.href;
}
