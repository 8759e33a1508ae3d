import { z } from "zod";

/**
 * What became of Events, as it is counted:
 * received: stored whole · counted: of a known family, and only counted (the disk is nearly full) · repeated: sent again, and
 * stored before · dropped: lost here · reported: lost in the client, which said so · deferred: refused, and kept by the client
 * to be sent again · discarded: items that are no exceptions · setAside: received, and cannot be digested · mapped: frames of
 * it were found in their sources · unmapped: a frame was not, though there is a map for its file.
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
  "mapped",
  "unmapped",
]);
export type IngestOutcome = z.infer<typeof IngestOutcome>;

/** A number of Events; `project` is "" where no key said whose they were, `reason` a DropReason, a client's reason or an item's kind. */
export const IngestCount = z.object({
  project: z.string(),
  outcome: IngestOutcome,
  reason: z.string(),
  events: z.number().int().nonnegative(),
});
export type IngestCount = z.infer<typeof IngestCount>;

/** The sums of a project: `thrown = received + counted + lost + reportedLost`, every Event once; the others are not part of it. */
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

/** What `GET /v1/stats` answers. */
export const IngestReport = z.object({
  /** The rung of the ladder of back-pressure. */
  pressure: z.string(),
  waiting: z.object({ rows: z.number(), bytes: z.number() }),
  projects: z.array(IngestBalance),
  counts: z.array(IngestCount),
  /** The newest of those that cannot be digested. */
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
