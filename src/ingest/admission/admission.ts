import type { Context } from "hono";
import type { Clock } from "../../domain/ports/clock.ts";
import type { ProtocolRoute, Refusal } from "../protocols/contract.ts";
import { createAuthenticator, type IngestKey, type KeyOwner } from "./auth.ts";
import { createClientAddresses } from "./clientAddress.ts";
import { createRateLimiter, type IngestLimits } from "./rateLimiter.ts";
import { createSignatures, type SignedRequest } from "./signature.ts";

/** Who a request says it is. */
export type Credentials =
  | { kind: "none" }
  | { kind: "key"; owner: KeyOwner }
  /** True only once the whole body was seen. */
  | { kind: "signed"; owner: KeyOwner; request: SignedRequest }
  | { kind: "bad"; why: string };

/** Who may bring how much. */
export interface Admission {
  addressOf(c: Context): string;
  /** Takes one request from the address's budget of this minute; a refusal when it is spent. */
  admit(address: string): Promise<Refusal | null>;
  identify(request: Request, route: Pick<ProtocolRoute, "key">): Credentials;
  /** Whose a plain key is; null also for keys that only sign. */
  ownerOf(key: string): KeyOwner | null;
  /** The refusal of who cannot say who they are; it costs the address ten requests. */
  unknown(address: string, why?: string): Promise<Refusal>;
  /** Takes `more` Events from the key's budget; a refusal over all `events` of the request when it is spent. */
  charge(owner: KeyOwner, more: number, events: number): Promise<Refusal | null>;
  /** The same in milliseconds to wait; null when granted. */
  waitFor(owner: KeyOwner, events: number): Promise<number | null>;
}

/** What a client is told to wait when the server has no room, in seconds. */
const RETRY_AFTER_S = 5;
/** Further requests that a wrong key costs its address. */
const WRONG_KEY_COSTS = 9;

export interface AdmissionDeps {
  /** As they are now: they may change while the process runs. A stream that is open stays open. */
  keys: () => readonly IngestKey[];
  limits: IngestLimits;
  clock: Clock;
}

/** Keys, signatures and rates, for whatever protocol. */
export function createAdmission({ keys, limits, clock }: AdmissionDeps): Admission {
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
      const owner = current().authenticate(route.key(request));
      if (owner === null) return { kind: "none" };
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
      const wait = more > 0 ? await waitFor(owner, more) : null;
      return wait === null ? null : putOff("rateLimited", "too many events for this key", events, wait);
    },
    waitFor,
  };

  async function waitFor(owner: KeyOwner, events: number): Promise<number | null> {
    const rate = await perKey.take(owner.keyId, events);
    return rate.kind === "granted" ? null : rate.retryAfterMs;
  }
}

/** What checks keys and signatures, by the keys as they are now; made anew once a change. Neither remembers anything. */
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

/** A refusal after which sending the same again has a chance. */
export function putOff(code: Refusal["code"], message: string, events = 1, waitMs = RETRY_AFTER_S * 1000): Refusal {
  const retryAfterS = Math.ceil(waitMs / 1000);
  return { code, message: `${message}; send again after Retry-After seconds`, faults: [], retryAfterS, events };
}

/** The other end of the socket, as Node tells it; undefined where there is no socket. */
function remoteOf(c: Context): string | undefined {
  const { incoming } = (c.env ?? {}) as { incoming?: { socket?: { remoteAddress?: string } } };
  return incoming?.socket?.remoteAddress;
}
