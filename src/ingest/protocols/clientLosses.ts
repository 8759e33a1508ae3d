/** The reasons that clients are known to give; whatever else they say is `other`, so that no client can make up counters. */
const KNOWN = new Set(
  "bufferFull networkError rateLimited beforeSend sampled tooLarge ratelimit_backoff queue_overflow buffer_overflow cache_overflow network_error send_error before_send event_processor sample_rate internal_sdk_error invalid ignored backpressure".split(
    " ",
  ),
);
/** More than any client can have lost since its last report. */
const MAX_EVENTS = 1_000_000_000;

/** Adds up what a client says it lost, by reason; what is no number of Events is left out. */
export function clientLosses(entries: Iterable<readonly [reason: unknown, events: unknown]>): Record<string, number> {
  const sums: Record<string, number> = {};
  for (const [given, events] of entries) {
    if (typeof events !== "number" || !Number.isSafeInteger(events) || events <= 0 || events > MAX_EVENTS) continue;
    const reason = typeof given === "string" && KNOWN.has(given) ? given : "other";
    sums[reason] = (sums[reason] ?? 0) + events;
  }
  return sums;
}
