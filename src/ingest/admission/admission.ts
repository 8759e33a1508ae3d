import type { Context } from "hono";
import type { Clock } from "../../domain/ports/clock.ts";
import type { ProtocolRoute, Refusal } from "../protocols/contract.ts";
import { createClientAddresses } from "./clientAddress.ts";
import type { CpuBudget } from "./cpuBudget.ts";
import { createAuthenticator, type IngestKey, type KeyOwner } from "./ingestKeys.ts";
import { createRateLimiter, type IngestLimits } from "./rateLimiter.ts";
import { createSignatures, type SignedRequest } from "./signature.ts";

/** The identity that a request claims. */
export type Credentials =
  | { kind: "none" }
  | { kind: "key"; owner: KeyOwner }
  /** The signature is valid only if `request.isGood()` says so after the whole body was read. */
  | { kind: "signed"; owner: KeyOwner; request: SignedRequest }
  | { kind: "bad"; why: string };

/** Decides who may send Events, and how many. */
export interface Admission {
  addressOf(c: Context): string;
  /** Takes one request from this minute's budget of the address. Returns a refusal if the budget is spent. */
  admit(address: string): Promise<Refusal | null>;
  identify(request: Request, route: Pick<ProtocolRoute, "key">): Credentials;
  /** The owner of a plain key. Null if the key is unknown, or if it may only sign requests (tier T2). */
  ownerOf(key: string): KeyOwner | null;
  /** The refusal for a request without a valid key. Such a request costs the address ten requests in total. */
  unknown(address: string, why?: string): Promise<Refusal>;
  /**
   * Takes `more` Events from the key's budget. If the budget is spent, returns a refusal for all `events` of the
   * request.
   */
  charge(owner: KeyOwner, more: number, events: number): Promise<Refusal | null>;
  /** The refusal of a key that has used its share of the CPU; null if it has not. */
  cpuRefusal(owner: KeyOwner): Refusal | null;
  /** The time until a key may use the CPU again, milliseconds; null if it may now. */
  cpuWait(owner: KeyOwner): number | null;
  /** Takes `events` Events from the key's budget. Null if granted, otherwise the time to wait in milliseconds. */
  waitFor(owner: KeyOwner, events: number): Promise<number | null>;
}

/** Default `Retry-After` when the server has no capacity, seconds. */
const RETRY_AFTER_S = 5;
const NOT_IN_URL =
  "a T1 key is secret and must not stand in a URL: send it as Authorization: Bearer, x-selfheal-key or X-Sentry-Auth, use a T0 key, or set allowInUrl on this key for a client that can do nothing else";
/** Who has used the CPU, for the message. */
const WHOSE: Record<KeyOwner["tier"], string> = {
  T0: "the events of public keys",
  T1: "the events of this key",
  T2: "the events of this key",
  T3: "the events of this key",
};
/** Additional requests that a wrong key costs its address. */
const WRONG_KEY_COSTS = 9;

export interface AdmissionDeps {
  /** The current keys. They may change while the process runs. A stream that is already open stays open. */
  keys: () => readonly IngestKey[];
  limits: IngestLimits;
  clock: Clock;
  cpu: Pick<CpuBudget, "waitFor">;
}

/** Creates the checks of keys, signatures and rates. All protocols use them. */
export function createAdmission({ keys, limits, clock, cpu }: AdmissionDeps): Admission {
  const current = checksBy(keys, clock);
  const perKey = createRateLimiter(limits.eventsPerMinutePerKey);
  const perAddress = createRateLimiter(limits.requestsPerMinutePerAddress);
  const addresses = createClientAddresses(limits.trustedProxies);

  const ownerOf = (key: string): KeyOwner | null => {
    const owner = current().authenticate(key);
    return owner?.tier === "T2" ? null : owner;
  };
  return {
    addressOf: (c) => addresses.of(remoteOf(c), c.req.raw.headers.get("x-forwarded-for")),
    admit: async (address) => {
      const rate = await perAddress.take(address, 1);
      return rate.kind === "granted"
        ? null
        : putOff("rateLimited", "too many requests from this address", 1, rate.retryAfterMs);
    },
    identify: (request, route) => {
      const signed = current().signatures(request);
      if (signed.kind === "bad") return signed;
      if (signed.kind === "signed") return { kind: "signed", owner: signed.request.owner, request: signed.request };
      const { key, isInUrl } = route.key(request);
      const owner = current().authenticate(key);
      if (owner === null) return { kind: "none" };
      if (owner.tier === "T1" && isInUrl && !owner.allowInUrl) return { kind: "bad", why: NOT_IN_URL };
      return owner.tier === "T2"
        ? { kind: "bad", why: "this key signs its requests (x-selfheal-signature)" }
        : { kind: "key", owner };
    },
    ownerOf,
    unknown: async (address, why = "no such key: send it as Authorization: Bearer, x-selfheal-key or ?key=") => {
      await perAddress.take(address, WRONG_KEY_COSTS);
      return { code: "unauthorized", message: why, faults: [], retryAfterS: null };
    },
    charge: async (owner, more, events) => {
      const wait = more > 0 ? await takeEvents(owner, more) : null;
      return wait === null ? null : putOff("rateLimited", "too many events for this key", events, wait);
    },
    cpuRefusal: (owner) => {
      const waitMs = cpu.waitFor(owner);
      return waitMs === null
        ? null
        : putOff("cpuLimited", `${WHOSE[owner.tier]} used their share of the CPU`, 1, waitMs);
    },
    cpuWait: cpu.waitFor,
    waitFor: takeEvents,
  };

  async function takeEvents(owner: KeyOwner, events: number): Promise<number | null> {
    const rate = await perKey.take(owner.keyId, events);
    return rate.kind === "granted" ? null : rate.retryAfterMs;
  }
}

/**
 * Returns the key and signature checks for the current keys. They are rebuilt only when the keys change, which is safe
 * because neither check keeps state.
 */
function checksBy(keys: () => readonly IngestKey[], clock: Clock) {
  const make = (known: readonly IngestKey[]) => ({
    known,
    authenticate: createAuthenticator(known),
    signatures: createSignatures(known, clock),
  });
  let made = make(keys());
  return () => {
    const now = keys();
    if (now !== made.known) made = make(now);
    return made;
  };
}

/** A refusal that can succeed if the client sends the same request again. `waitMs` is in milliseconds. */
export function putOff(code: Refusal["code"], message: string, events = 1, waitMs = RETRY_AFTER_S * 1000): Refusal {
  const retryAfterS = Math.ceil(waitMs / 1000);
  return { code, message: `${message}; send again after Retry-After seconds`, faults: [], retryAfterS, events };
}

/** The remote address of the socket, from Node. Undefined if there is no socket. */
function remoteOf(c: Context): string | undefined {
  const { incoming } = (c.env ?? {}) as { incoming?: { socket?: { remoteAddress?: string } } };
  return incoming?.socket?.remoteAddress;
}
