import type { Fault } from "../domain/errors.ts";
import type { CapturedEvent, TrustTier } from "../domain/event.ts";
import type { EventReader, WireResult } from "./protocols/contract.ts";
import type { WireContext } from "./protocols/fields.ts";
import { PROTOCOLS } from "./protocols/index.ts";

/** The origin of an Event. The tier comes from the key, not from the payload. */
export interface EventOrigin extends WireContext {
  tier: TrustTier;
}

export type Normalized = { kind: "event"; event: CapturedEvent } | { kind: "invalid"; faults: Fault[] };

/** Reads a JSON document in the form of the protocol that recognises it. */
export function documentReader(wire: unknown): EventReader {
  return (context) => readDocument(wire, context);
}

/**
 * Reads a document as an Event, or returns all its faults with their field paths. The Event is not scrubbed and not cut
 * to the domain's lengths yet. `scrub` does both, and nothing may be stored before.
 */
export function normalizeEvent(wire: unknown, { tier, ...context }: EventOrigin): Normalized {
  const result = readDocument(wire, context);
  return result.kind === "invalid" ? result : { kind: "event", event: { ...result.event, trustTier: tier } };
}

function readDocument(wire: unknown, context: WireContext): WireResult {
  if (typeof wire !== "object" || wire === null || Array.isArray(wire)) {
    return { kind: "invalid", faults: [{ path: "", message: "must be a JSON object: one captured exception" }] };
  }
  const form = FORMS.find(({ matches }) => matches(wire));
  return form?.read(wire, context) ?? { kind: "invalid", faults: [{ path: "", message: "of no known form" }] };
}

const FORMS = PROTOCOLS.flatMap(({ document }) => document ?? []);
