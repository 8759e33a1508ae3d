import { RateLimiterMemory, type RateLimiterRes } from "rate-limiter-flexible";

/** The bounds of what ingest takes; the `limits` of the configuration. */
export interface IngestLimits {
  /** Of a request body or a WebSocket message, after decompression. */
  maxBodyBytes: number;
  /** Of nested JSON. */
  maxDepth: number;
  maxEventsPerRequest: number;
  eventsPerMinutePerKey: number;
  /** Events that may wait to be digested. */
  maxSpool: number;
  maxConnections: number;
}

type RateResult = { kind: "granted" } | { kind: "limited"; retryAfterMs: number };

export interface RateLimiter {
  /** Takes `events` from the key's budget of this minute, or nothing of it. More than a whole minute's budget counts as that. */
  take(keyId: string, events: number): Promise<RateResult>;
}

/** A budget of Events a minute for each key, in this process. */
export function createRateLimiter(eventsPerMinute: number): RateLimiter {
  const limiter = new RateLimiterMemory({ points: eventsPerMinute, duration: 60 });
  return {
    take: async (keyId, events) => {
      const points = Math.min(events, eventsPerMinute);
      try {
        await limiter.consume(keyId, points);
        return { kind: "granted" };
      } catch (refused) {
        // A refusal spends the points as well: give them back, so that a smaller request still fits.
        await limiter.reward(keyId, points);
        return { kind: "limited", retryAfterMs: Math.max(1, (refused as RateLimiterRes).msBeforeNext) };
      }
    },
  };
}
