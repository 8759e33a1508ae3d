import { WebSocket } from "ws";

const FIRST_BACKOFF_MS = 250;
const LONGEST_BACKOFF_MS = 30_000;
/** The server pings every 30 s; a socket that hears nothing for longer is dead without knowing it. */
const SILENCE_MS = 75_000;
const HANDSHAKE_MS = 10_000;
/** Messages under way without an ack. */
const WINDOW = 256;
/** A server closes with this when a message is larger than it takes. */
const TOO_LARGE = 1009;

/**
 * Streams events over one WebSocket. An event leaves the buffer when the server has acked it (it is durable there); after a
 * disconnect all others are sent again, which the server tells apart by their ids. Nothing here keeps the process alive but `flush`.
 * @param {{url: string, key: string, maxBuffer: number, warn: (message: string) => void}} options
 */
export function createTransport({ url, key, maxBuffer, warn }) {
  const address = streamUrl(url);
  /** Oldest first. @type {{seq: number, text: string}[]} */
  const buffer = [];
  /** How many of the buffer's first entries were sent on this connection. */
  let sent = 0;
  let seq = 0;
  let window = WINDOW;
  let backoffMs = FIRST_BACKOFF_MS;
  const counts = { acked: 0, dropped: 0, rejected: 0 };
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
    while (socket?.readyState === WebSocket.OPEN && sent < buffer.length && sent < window) {
      socket.send(buffer[sent]?.text ?? "");
      sent++;
    }
  };

  const forget = (/** @type {number} */ count) => {
    buffer.splice(0, count);
    sent = Math.max(0, sent - count);
    if (buffer.length === 0) for (const done of waiting) done();
  };

  const onMessage = (/** @type {string} */ text) => {
    const { ack, error } = JSON.parse(text);
    if (error) {
      counts.rejected++;
      warnOnce(`the server refuses events: ${error.message}`);
    }
    if (typeof ack !== "number") return;
    const count = buffer.findIndex((entry) => entry.seq > ack);
    const acked = count < 0 ? buffer.length : count;
    counts.acked += acked;
    forget(acked);
    window = WINDOW;
    backoffMs = FIRST_BACKOFF_MS;
    pump();
  };

  const onClose = (/** @type {number} */ code) => {
    clearTimeout(silence);
    socket = null;
    if (code === TOO_LARGE && sent > 0) {
      // One of those under way was too large: one at a time tells which, and that one is given up.
      if (window === 1) {
        counts.dropped++;
        warnOnce("an event is larger than the server takes");
        forget(1);
      }
      window = 1;
    }
    sent = 0;
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
    // `close` follows, and connects again.
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
      seq++;
      buffer.push({ seq, text: JSON.stringify({ seq, event }) });
      if (buffer.length > maxBuffer) {
        counts.dropped += buffer.length - maxBuffer;
        forget(buffer.length - maxBuffer);
      }
      pump();
    },

    /** @param {number} timeoutMs @returns {Promise<boolean>} */
    flush(timeoutMs) {
      if (buffer.length === 0) return Promise.resolve(true);
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
        // Keeps the process alive meanwhile: the socket does not.
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

    stats: () => ({ pending: buffer.length, ...counts, connected: socket?.readyState === WebSocket.OPEN }),
  };
}

/** @param {string} url http(s) or ws(s), with or without the path of a proxy before ours. Null for anything else. */
function streamUrl(url) {
  if (!URL.canParse(url)) return null;
  const address = new URL(url);
  address.protocol = address.protocol.replace(/^http/, "ws");
  if (!/^wss?:$/.test(address.protocol)) return null;
  address.hash = "";
  if (!address.pathname.endsWith("/v1/stream")) address.pathname = `${address.pathname.replace(/\/$/, "")}/v1/stream`;
  return address.href;
}
