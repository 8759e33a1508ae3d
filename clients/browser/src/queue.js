const PREFIX = "selfheal:";
/** The most Events that wait, in memory and in storage; the oldest is dropped first. */
const MAX_WAITING = 30;
/**
 * The most UTF-16 units of one request (MAX_BODY), and of a request with `keepalive`, which may outlive its page
 * (OUTLIVES_PAGE). The Fetch standard limits the latter to 64 KiB of UTF-8.
 */
const MAX_BODY = 60_000;
const OUTLIVES_PAGE = 20_000;
const SOON_MS = 50;
const FIRST_BACKOFF_MS = 5000;
const LONGEST_BACKOFF_MS = 300_000;

/**
 * A durable queue of Events. Each Event stays in the page's storage until the server answers that it is durable (202),
 * so that it survives the end of the page, a lost connection and a server that is down. An Event that is sent twice (by
 * a beacon or another tab) counts once, because of its id.
 * @param {string} address
 * @param {(message: string) => void} warn
 */
export function createQueue(address, warn) {
  /** Event texts by Event id, oldest first. @type {Map<string, string>} */
  const waiting = new Map(stored());
  const counts = { acked: 0, dropped: 0, rejected: 0 };
  let backoffMs = FIRST_BACKOFF_MS;
  let mostAtOnce = MAX_WAITING;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  /** @type {Promise<void> | null} */
  let sending = null;
  let isRefused = false;

  const forget = (/** @type {string} */ id) => {
    waiting.delete(id);
    inStorage((storage) => storage.removeItem(PREFIX + id));
  };

  const drop = (/** @type {string[]} */ ids) => {
    counts.dropped += ids.length;
    ids.forEach(forget);
  };

  const soon = (/** @type {number} */ ms) => {
    clearTimeout(timer);
    timer = setTimeout(() => void flush(), ms);
  };

  const later = (/** @type {number} */ waitMs) => {
    soon(Math.max(waitMs, backoffMs * (0.5 + Math.random() / 2)));
    backoffMs = Math.min(backoffMs * 2, LONGEST_BACKOFF_MS);
  };

  /** The oldest Events that fit into one request. @returns {[string, string][]} */
  const nextBatch = () => {
    /** @type {[string, string][]} */
    const batch = [];
    let size = 2;
    for (const entry of waiting) {
      size += entry[1].length + 1;
      if (batch.length > 0 && (size > MAX_BODY || batch.length >= mostAtOnce)) break;
      batch.push(entry);
    }
    return batch;
  };

  /** Sends one request. Resolves to true if the next one may follow at once. */
  const sendBatch = async () => {
    const batch = nextBatch();
    const body = bodyOf(batch);
    const ids = batch.map(([id]) => id);
    const answer = await fetch(address, {
      method: "POST",
      body,
      // A request with plain text needs no CORS preflight.
      headers: { "content-type": "text/plain" },
      keepalive: body.length <= OUTLIVES_PAGE,
      credentials: "omit",
      referrerPolicy: "origin",
    });
    if (answer.status === 202) {
      const refused = ((await answer.json()).rejected ?? []).length;
      counts.rejected += refused;
      counts.acked += ids.length - refused;
      ids.forEach(forget);
      backoffMs = FIRST_BACKOFF_MS;
      mostAtOnce = MAX_WAITING;
      return true;
    }
    if (answer.status === 413 && ids.length > 1) {
      // One of the Events is too large; sending them one at a time shows which.
      mostAtOnce = 1;
      return true;
    }
    if (answer.status === 429 || answer.status >= 500) {
      later(1000 * Number(answer.headers.get("retry-after") ?? 0));
      return false;
    }
    isRefused = answer.status === 401;
    warn(isRefused ? "the server does not know this key" : `the server refuses events (${answer.status})`);
    counts.rejected += ids.length;
    ids.forEach(forget);
    return !isRefused;
  };

  const sendAll = async () => {
    try {
      while (waiting.size > 0 && (await sendBatch()));
    } catch {
      // Offline, blocked, or the server is down: the Events stay in storage.
      later(0);
    }
  };

  const flush = () => {
    clearTimeout(timer);
    if (isRefused) drop([...waiting.keys()]);
    sending ??= sendAll().finally(() => {
      sending = null;
    });
    return sending;
  };

  if (waiting.size > 0) soon(SOON_MS);

  return {
    /** @param {{event_id: string}} event */
    push(event) {
      const text = JSON.stringify(event);
      waiting.set(event.event_id, text);
      inStorage((storage) => storage.setItem(PREFIX + event.event_id, text));
      if (waiting.size > MAX_WAITING) drop([...waiting.keys()].slice(0, waiting.size - MAX_WAITING));
      soon(SOON_MS);
    },
    /**
     * Call it when the page ends. It passes waiting Events to the browser. They also stay in storage, because nobody
     * receives the answer.
     */
    beacon() {
      const batch = nextBatch();
      if (batch.length > 0 && !isRefused) navigator.sendBeacon?.(address, bodyOf(batch));
    },
    /** @returns {Promise<boolean>} */
    async flush() {
      await flush();
      return waiting.size === 0;
    },
    stats: () => ({ pending: waiting.size, ...counts }),
  };
}

/** @param {[string, string][]} batch */
function bodyOf(batch) {
  return `[${batch.map(([, text]) => text)}]`;
}

/** Events that an earlier page could not send. @returns {[string, string][]} */
function stored() {
  /** @type {[string, string][]} */
  const found = [];
  inStorage((storage) => {
    for (const key of Object.keys(storage)) {
      if (key.startsWith(PREFIX)) found.push([key.slice(PREFIX.length), storage.getItem(key) ?? ""]);
    }
  });
  return found.filter(([, text]) => text !== "");
}

/**
 * Ignores errors of the storage: it may be full, forbidden or absent. Events then last as long as their page.
 * @param {(storage: Storage) => void} use
 */
function inStorage(use) {
  try {
    use(localStorage);
  } catch {}
}
