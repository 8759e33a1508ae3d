/**
 * An entry that waits for the server's ack. `lost` is set for a report of losses, which contains no Event.
 * @typedef {{seq: number, text: string, lost: Record<string, number> | null}} Entry
 */

/**
 * A queue of Events that wait for the server's ack, oldest first, with counts of the Events that were dropped.
 * @param {number} maxEvents If there are more Events, the oldest is dropped.
 */
export function createOutbox(maxEvents) {
  /** @type {Entry[]} */
  const entries = [];
  /** How many of the first entries were sent on the current connection. */
  let sent = 0;
  let seq = 0;
  let events = 0;
  const counts = { acked: 0, dropped: 0 };
  /** Losses that are not reported yet, by reason. @type {Record<string, number>} */
  let losses = {};

  /** @param {object} content @param {Record<string, number> | null} lost */
  const push = (content, lost) => {
    seq += 1;
    entries.push({ seq, text: JSON.stringify({ seq, ...content }), lost });
    if (lost === null) events += 1;
  };
  /** Drops an Event. @param {number} i @param {string | null} reason null: the server counts the loss itself. */
  const drop = (i, reason) => {
    entries.splice(i, 1);
    if (i < sent) sent -= 1;
    events -= 1;
    counts.dropped += 1;
    if (reason !== null) losses[reason] = (losses[reason] ?? 0) + 1;
  };

  /** Index of the oldest Event. Events that were not sent come first, because a sent Event may be durable already. */
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

    /** The next entry to send; null for none, or when `credit` entries are in flight. @param {number} credit */
    next(credit) {
      const isReporting = entries.some((entry) => entry.lost !== null);
      if (!isReporting && Object.keys(losses).length > 0) {
        // One report at a time: later losses go into the next report.
        push({ lost: losses }, losses);
        losses = {};
      }
      const entry = sent < credit ? entries[sent] : undefined;
      if (entry !== undefined) sent += 1;
      return entry ?? null;
    },

    /** Removes all entries up to `ack`, because they are durable. @param {number} ack */
    ack(ack) {
      while (entries[0] !== undefined && entries[0].seq <= ack) {
        if (entries.shift()?.lost === null) {
          events -= 1;
          counts.acked += 1;
        }
        sent = Math.max(0, sent - 1);
      }
    },

    /** After a disconnect: marks all entries as not sent, so that they are sent again. */
    rewind() {
      sent = 0;
    },

    /**
     * After the server rejected a message as too large: drops the largest Event in flight, which is too large in any
     * case. The server counts the loss.
     */
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
