/**
 * What waits for the server's ack, oldest first, and what had to be given up.
 * @typedef {{seq: number, text: string, lost: Record<string, number> | null}} Entry lost: a report of losses, and no event.
 */

/** @param {number} maxEvents The oldest event goes first when there are more. */
export function createOutbox(maxEvents) {
  /** @type {Entry[]} */
  const entries = [];
  /** How many of the first entries were sent on this connection. */
  let sent = 0;
  let seq = 0;
  let events = 0;
  const counts = { acked: 0, dropped: 0 };
  /** Losses that no report tells yet. @type {Record<string, number>} */
  let losses = {};

  /** @param {object} content @param {Record<string, number> | null} lost */
  const push = (content, lost) => {
    seq += 1;
    entries.push({ seq, text: JSON.stringify({ seq, ...content }), lost });
    if (lost === null) events += 1;
  };
  /** @param {number} i @param {string | null} reason null: the server counts it itself. */
  const drop = (i, reason) => {
    entries.splice(i, 1);
    if (i < sent) sent -= 1;
    events -= 1;
    counts.dropped += 1;
    if (reason !== null) losses[reason] = (losses[reason] ?? 0) + 1;
  };

  /** What is under way may be durable already, so that it goes last. */
  const oldest = () => {
    const unsent = entries.findIndex((entry, i) => i >= sent && entry.lost === null);
    return unsent >= 0 ? unsent : entries.findIndex((entry) => entry.lost === null);
  };

  return {
    /** @param {object} event */
    add(event) {
      push({ event }, null);
      if (events > maxEvents) drop(oldest(), "bufferFull");
    },

    /** The next entry that may be sent while at most `credit` are under way; null for none. @param {number} credit */
    next(credit) {
      const isReporting = entries.some((entry) => entry.lost !== null);
      if (!isReporting && Object.keys(losses).length > 0) {
        // One report at a time: what is lost meanwhile is in the next one.
        push({ lost: losses }, losses);
        losses = {};
      }
      const entry = sent < credit ? entries[sent] : undefined;
      if (entry !== undefined) sent += 1;
      return entry ?? null;
    },

    /** Everything up to `ack` is durable. @param {number} ack */
    ack(ack) {
      while (entries[0] !== undefined && entries[0].seq <= ack) {
        if (entries.shift()?.lost === null) {
          events -= 1;
          counts.acked += 1;
        }
        sent = Math.max(0, sent - 1);
      }
    },

    /** The connection is gone: whatever has no ack is sent again. */
    rewind() {
      sent = 0;
    },

    /** One of those under way was larger than the server takes: the largest was, at any rate. The server counts it. */
    dropLargest() {
      const underWay = entries.slice(0, sent);
      const largest = Math.max(0, ...underWay.map((entry) => entry.text.length));
      const i = underWay.findIndex((entry) => entry.text.length === largest && entry.lost === null);
      if (i >= 0) drop(i, null);
    },

    isEmpty: () => entries.length === 0 && Object.keys(losses).length === 0,
    stats: () => ({ pending: events, ...counts }),
  };
}
