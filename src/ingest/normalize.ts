import type { Fault } from "../domain/errors.ts";
import type { CapturedEvent, TrustTier } from "../domain/event.ts";
import type { WireContext } from "./protocols/fields.ts";
import { readNative } from "./protocols/native.ts";
import { isSentryForm, readSentry } from "./protocols/sentry.ts";

/** Where an Event comes from. The tier is the key's, whatever the payload says. */
export interface EventOrigin extends WireContext {
  tier: TrustTier;
}

export type Normalized = { kind: "event"; event: CapturedEvent } | { kind: "invalid"; faults: Fault[] };

/**
 * A payload in the native or in Sentry's form as an Event, or every fault of it with its field path.
 * The Event is neither scrubbed nor cut to the domain's lengths yet: `scrub` does both, and nothing may be stored before.
 */
export function normalizeEvent(wire: unknown, origin: EventOrigin): Normalized {
  if (typeof wire !== "object" || wire === null || Array.isArray(wire)) {
    return { kind: "invalid", faults: [{ path: "", message: "must be a JSON object: one captured exception" }] };
  }
  const result = isSentryForm(wire) ? readSentry(wire, origin) : readNative(wire, origin);
  return result.kind === "invalid" ? result : { kind: "event", event: { ...result.event, trustTier: origin.tier } };
}
