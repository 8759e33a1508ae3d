import { RateLimiterMemory, type RateLimiterRes } from "rate-limiter-flexible";
import type { PressureLimits } from "./pressure.ts";

/** The bounds of what ingest takes; the `limits` of the configuration. */
export interface IngestLimits extends PressureLimits {
  /** Of a request body or a WebSocket message, and of one Event of an envelope, after decompression. */
  maxBodyBytes: number;
  /** Of an envelope with all its items, after decompression. */
  maxEnvelopeBytes: number;
  maxItemsPerEnvelope: number;
  /** Of nested JSON. */
  maxDepth: number;
  /** Members and elements of one JSON document. */
  maxValues: number;
  maxEventsPerRequest: number;
  /** Of all requests and streams that are being read, together. */
  maxBytesInFlight: number;
  eventsPerMinutePerKey: number;
  requestsPerMinutePerAddress: number;
  maxConnections: number;
  maxConnectionsPerAddress: number;
  /** Addresses and networks (CIDR) whose `X-Forwarded-For` is believed, and which may open any number of connections. */
  trustedProxies: readonly string[];
}

export type RateResult = { kind: "granted" } | { kind: "limited"; retryAfterMs: number };

export interface RateLimiter {
  /** Takes `points` from the budget of this minute, or nothing of it. More than a whole minute's budget counts as that. */
  take(who: string, points: number): Promise<RateResult>;
}

/** A budget a minute for each key or address, in this process. */
export function createRateLimiter(perMinute: number): RateLimiter {
  const limiter = new RateLimiterMemory({ points: perMinute, duration: 60 });
  return {
    take: async (who, wanted) => {
      const points = Math.min(wanted, perMinute);
      try {
        await limiter.consume(who, points);
        return { kind: "granted" };
      } catch (refused) {
        // A refusal spends the points as well: give them back, so that a smaller request still fits.
        await limiter.reward(who, points);
        return { kind: "limited", retryAfterMs: Math.max(1, (refused as RateLimiterRes).msBeforeNext) };
      }
    },
  };
}
