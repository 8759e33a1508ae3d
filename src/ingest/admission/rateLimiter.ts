import { RateLimiterMemory, type RateLimiterRes } from "rate-limiter-flexible";
import type { CpuShares } from "./cpuBudget.ts";
import type { PressureLimits } from "./pressure.ts";

/** The limits of ingest: `limits` in the configuration. */
export interface IngestLimits extends PressureLimits, CpuShares {
  /** Size of a request body, of a WebSocket message, and of one Event of an envelope, after decompression. */
  maxBodyBytes: number;
  /** Size of an envelope with all its items, after decompression. */
  maxEnvelopeBytes: number;
  maxItemsPerEnvelope: number;
  /** Depth of nested JSON. */
  maxDepth: number;
  /** Members and elements of one JSON document. */
  maxValues: number;
  maxEventsPerRequest: number;
  /** Size of all requests and streams that are being read, together. */
  maxBytesInFlight: number;
  eventsPerMinutePerKey: number;
  requestsPerMinutePerAddress: number;
  maxConnections: number;
  maxConnectionsPerAddress: number;
  /** Addresses and networks (CIDR) whose `X-Forwarded-For` is trusted, and which may open any number of connections. */
  trustedProxies: readonly string[];
}

export type RateResult = { kind: "granted" } | { kind: "limited"; retryAfterMs: number };

/** A budget per minute for each key or address. */
export interface RateLimiter {
  /**
   * Takes `points` from this minute's budget of `who`, or takes nothing. More than a whole budget counts as one budget.
   */
  take(who: string, points: number): Promise<RateResult>;
}

/** Creates a rate limiter in this process. Each key or address has its own budget per minute. */
export function createRateLimiter(perMinute: number): RateLimiter {
  const limiter = new RateLimiterMemory({ points: perMinute, duration: 60 });
  return {
    take: async (who, wanted) => {
      const points = Math.min(wanted, perMinute);
      try {
        await limiter.consume(who, points);
        return { kind: "granted" };
      } catch (refused) {
        // A refused `consume` spends the points too. Give them back, so that a smaller request can still pass.
        await limiter.reward(who, points);
        return { kind: "limited", retryAfterMs: Math.max(1, (refused as RateLimiterRes).msBeforeNext) };
      }
    },
  };
}
