/** The reasons that known clients report. Any other reason counts as `other`, so that no client can create counters. */
const KNOWN = new Set(
  "bufferFull networkError rateLimited beforeSend sampled tooLarge ratelimit_backoff queue_overflow buffer_overflow cache_overflow network_error send_error before_send event_processor sample_rate internal_sdk_error invalid ignored backpressure".split(
    " ",
  ),
);
/** Maximum number of Events in one entry. No client can have lost more since its last report. */
const MAX_EVENTS = 1_000_000_000;

/** Sums the Events that a client reports as lost, by reason. An entry without a valid number of Events is ignored. */
export function clientLosses(entries: Iterable<readonly [reason: unknown, events: unknown]>): Record<string, number> {
  const sums: Record<string, number> = {};
  for (const [given, events] of entries) {
    if (typeof events !== "number" || !Number.isSafeInteger(events) || events <= 0 || events > MAX_EVENTS) continue;
    const reason = typeof given === "string" && KNOWN.has(given) ? given : "other";
    sums[reason] = (sums[reason] ?? 0) + events;
  }
  return sums;
}
