const PREFIX = "selfheal:";
/** How many events wait at most, in memory and in storage; the oldest goes first. */
const MAX_WAITING = 30;
/** UTF-16 units of a request. One that may outlive its page holds at most 64 KiB of UTF-8, by the Fetch standard. */
const MAX_BODY = 60_000;
const OUTLIVES_PAGE = 20_000;
const SOON_MS = 50;
const FIRST_BACKOFF_MS = 5000;
const LONGEST_BACKOFF_MS = 300_000;

/**
 * Events on their way. Each is in the page's storage until the server has said that it is durable (202), so that it outlives
 * the page, a lost connection and a server that is down. Sent twice (a beacon, another tab), it counts once: by its id.
 * @param {string} address
 * @param {(message: string) => void} warn
 */
export function createQueue(address, warn) {
  /** Texts by event id, oldest first. @type {Map<string, string>} */
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

  /** The oldest that fit into one request. @returns {[string, string][]} */
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

  /** One request. Whether there is more to do right away. */
  const sendBatch = async () => {
    const batch = nextBatch();
    const body = bodyOf(batch);
    const ids = batch.map(([id]) => id);
    const answer = await fetch(address, {
      method: "POST",
      body,
      // Plain text needs no preflight.
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
      // One of them was too large: one at a time tells which.
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
      // Offline, blocked, or the server is down: it stays in storage.
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
    /** The page goes: what waits is handed to the browser, and stays in storage, for nobody hears the answer. */
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

/** What an earlier page could not send. @returns {[string, string][]} */
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

/** Storage may be full, forbidden or absent: then events live as long as their page. @param {(storage: Storage) => void} use */
function inStorage(use) {
  try {
    use(localStorage);
  } catch {}
}
