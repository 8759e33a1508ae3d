import { z } from "zod";
import { TrustTier } from "./event.ts";

/** An Event of a distributed trace. Only Events that are stored as whole samples are included. */
export const TraceEvent = z.object({
  traceId: z.string(),
  eventId: z.string(),
  issueId: z.string(),
  service: z.string(),
  spanId: z.string().nullable(),
  parentSpanId: z.string().nullable(),
  /** When it happened, by the client's clock, in milliseconds since the epoch. */
  at: z.number(),
  receivedAt: z.number(),
  trustTier: TrustTier,
});
export type TraceEvent = z.infer<typeof TraceEvent>;

/** The Issue with the innermost exception in traces in which other services failed too. */
export const Origin = z.object({
  service: z.string(),
  issueId: z.string(),
  /** In how many of the stored traces it is the innermost. */
  traces: z.number().int().positive(),
});
export type Origin = z.infer<typeof Origin>;

/** An Issue of another service that appears in the same traces. */
export const LinkedIssue = z.object({ issueId: z.string(), service: z.string(), traces: z.number().int().positive() });
export type LinkedIssue = z.infer<typeof LinkedIssue>;

/**
 * The innermost exception of one trace; null if only one service failed. An Event whose span called another failing
 * span is not innermost. Of the others, the earliest Event is taken, because a caller fails after the service it
 * called. Events from public keys (T0) count only if there are no others. Pure: order and repetitions do not matter.
 */
export function innermostOf(trace: readonly TraceEvent[]): TraceEvent | null {
  const trusted = trace.filter(({ trustTier }) => trustTier !== "T0");
  const events = trusted.length > 0 ? trusted : [...trace];
  if (new Set(trace.map(({ service }) => service)).size < 2) return null;
  const called = new Set(
    events.flatMap((inner) =>
      events
        .filter(({ spanId, service }) => spanId !== null && spanId === inner.parentSpanId && service !== inner.service)
        .map(({ eventId }) => eventId),
    ),
  );
  const inner = events.filter(({ eventId }) => !called.has(eventId));
  const from = inner.length > 0 ? inner : events;
  return (
    from.toSorted((a, b) => a.at - b.at || a.receivedAt - b.receivedAt || (a.eventId < b.eventId ? -1 : 1))[0] ?? null
  );
}

/** Where the problem of an Issue began, by a majority of its traces; null if no other service failed in them. */
export function originOf(events: readonly TraceEvent[]): Origin | null {
  const votes = new Map<string, Origin>();
  for (const trace of byTrace(events).values()) {
    const inner = innermostOf(trace);
    if (inner === null) continue;
    const traces = (votes.get(inner.issueId)?.traces ?? 0) + 1;
    votes.set(inner.issueId, { service: inner.service, issueId: inner.issueId, traces });
  }
  return [...votes.values()].toSorted((a, b) => b.traces - a.traces || (a.issueId < b.issueId ? -1 : 1))[0] ?? null;
}

/** Issues of other services that share traces with the Issue, those with the most shared traces first. */
export function linkedTo(issueId: string, service: string, events: readonly TraceEvent[]): LinkedIssue[] {
  const shared = new Map<string, { service: string; traces: Set<string> }>();
  for (const event of events) {
    if (event.issueId === issueId || event.service === service) continue;
    const before = shared.get(event.issueId) ?? { service: event.service, traces: new Set() };
    before.traces.add(event.traceId);
    shared.set(event.issueId, before);
  }
  return [...shared]
    .map(([id, one]) => ({ issueId: id, service: one.service, traces: one.traces.size }))
    .toSorted((a, b) => b.traces - a.traces || (a.issueId < b.issueId ? -1 : 1));
}

function byTrace(events: readonly TraceEvent[]): Map<string, TraceEvent[]> {
  const traces = new Map<string, TraceEvent[]>();
  const seen = new Set<string>();
  for (const event of events) {
    const key = `${event.traceId} ${event.eventId}`;
    if (seen.has(key)) continue;
    seen.add(key);
    traces.set(event.traceId, [...(traces.get(event.traceId) ?? []), event]);
  }
  return traces;
}
