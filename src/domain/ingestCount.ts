import { z } from "zod";

/**
 * What happened to Events, as counters:
 * - received: stored whole.
 * - counted: of a known family, and only counted, because the disk is nearly full.
 * - repeated: sent again although it was stored before.
 * - dropped: lost in the ingest server.
 * - reported: lost in the client, which reported it.
 * - deferred: refused; the client keeps it and sends it again.
 * - discarded: items that are not exceptions.
 * - setAside: received, but could not be digested.
 * - shortened: received, but cut to what one Event may cost; the reason is the part that was cut.
 * - mapped: frames of it were found in their sources.
 * - unmapped: a frame was not found, although its file has a source map.
 */
export const IngestOutcome = z.enum([
  "received",
  "counted",
  "repeated",
  "dropped",
  "reported",
  "deferred",
  "discarded",
  "setAside",
  "shortened",
  "mapped",
  "unmapped",
]);
export type IngestOutcome = z.infer<typeof IngestOutcome>;

/**
 * A counter. `project` is "" when no key identified it. `reason` is a DropReason, a reason of the client, the kind
 * of an item, or a part of an Event.
 */
export const IngestCount = z.object({
  project: z.string(),
  outcome: IngestOutcome,
  reason: z.string(),
  events: z.number().int().nonnegative(),
});
export type IngestCount = z.infer<typeof IngestCount>;

/**
 * The sums of a project. `thrown = received + counted + lost + reportedLost` counts every Event once. The other sums
 * are not part of it.
 */
export const IngestBalance = z.object({
  project: z.string(),
  thrown: z.number(),
  received: z.number(),
  counted: z.number(),
  lost: z.number(),
  reportedLost: z.number(),
  deferred: z.number(),
  repeated: z.number(),
  discarded: z.number(),
  setAside: z.number(),
});
export type IngestBalance = z.infer<typeof IngestBalance>;

/** The response of `GET /v1/stats`. */
export const IngestReport = z.object({
  /** The current level of backpressure. */
  pressure: z.string(),
  waiting: z.object({ rows: z.number(), bytes: z.number() }),
  projects: z.array(IngestBalance),
  counts: z.array(IngestCount),
  /** The newest Events that could not be digested. */
  setAside: z.array(z.object({ project: z.string(), eventId: z.string(), receivedAt: z.number(), reason: z.string() })),
});
export type IngestReport = z.infer<typeof IngestReport>;

/** The balance of each project. */
export function balancesOf(counts: readonly IngestCount[]): IngestBalance[] {
  return [...new Set(counts.map(({ project }) => project))].toSorted().map((project) => {
    const sum = (outcome: IngestOutcome) =>
      counts.reduce((n, c) => (c.project === project && c.outcome === outcome ? n + c.events : n), 0);
    const [received, counted, lost, reportedLost] = [sum("received"), sum("counted"), sum("dropped"), sum("reported")];
    return {
      project,
      thrown: received + counted + lost + reportedLost,
      received,
      counted,
      lost,
      reportedLost,
      deferred: sum("deferred"),
      repeated: sum("repeated"),
      discarded: sum("discarded"),
      setAside: sum("setAside"),
    };
  });
}
