import type { CapturedEvent } from "../../domain/event.ts";
import { TraceEvent } from "../../domain/trace.ts";
import type { EmbeddedDatabase } from "./database.ts";

/** Maximum number of an Issue's traces that are read, newest first, and of the Events in them. */
const MAX_TRACES = 20;
const MAX_EVENTS = 500;

/** Which Issues happened in which distributed trace. */
export interface EmbeddedTraces {
  /** Adds an Event. Call it only inside a write. Does nothing if the Event has no trace, or if it is stored already. */
  add(issueId: string, event: CapturedEvent): void;
  /** The Events of the traces that an Issue is in, from all services of its project. */
  of(issueId: string): TraceEvent[];
}

/** Creates the record of which Issues happened in which trace. */
export function createTraces({ sqlite }: EmbeddedDatabase): EmbeddedTraces {
  const add = sqlite.prepare(`
    INSERT INTO trace_events (project, trace_id, event_id, issue_id, service, span_id, parent_span_id, at, received_at, tier)
    VALUES (@project, @traceId, @eventId, @issueId, @service, @spanId, @parentSpanId, @at, @receivedAt, @tier)
    ON CONFLICT DO NOTHING`);
  const of = sqlite.prepare<{ issueId: string }, unknown>(`
    WITH own AS (
      SELECT project, trace_id FROM trace_events WHERE issue_id = @issueId
      GROUP BY project, trace_id ORDER BY max(received_at) DESC LIMIT ${MAX_TRACES})
    SELECT e.trace_id AS traceId, e.event_id AS eventId, e.issue_id AS issueId, e.service, e.span_id AS spanId,
      e.parent_span_id AS parentSpanId, e.at, e.received_at AS receivedAt, e.tier AS trustTier
    FROM trace_events AS e JOIN own ON own.project = e.project AND own.trace_id = e.trace_id
    ORDER BY e.received_at DESC, e.event_id LIMIT ${MAX_EVENTS}`);
  return {
    add: (issueId, event) => {
      const { project, traceId, id, service, spanId, parentSpanId, timestamp, receivedAt, trustTier } = event;
      if (traceId === undefined) return;
      const spans = { spanId: spanId ?? null, parentSpanId: parentSpanId ?? null };
      add.run({
        project,
        traceId,
        eventId: id,
        issueId,
        service,
        ...spans,
        at: timestamp,
        receivedAt,
        tier: trustTier,
      });
    },
    of: (issueId) => of.all({ issueId }).map((row) => TraceEvent.parse(row)),
  };
}
