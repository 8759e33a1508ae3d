import { z } from "zod";

/**
 * What became of Events, as it is counted:
 * received: stored whole · counted: of a known family, and only counted (the disk is nearly full) · repeated: sent again, and
 * stored before · dropped: lost here · reported: lost in the client, which said so · deferred: refused, and kept by the client
 * to be sent again · discarded: items that are no exceptions · setAside: received, and cannot be digested.
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

/** The sums of a project: `thrown = received + counted + lost + reportedLost`, every Event once. */
export interface IngestBalance {
  project: string;
  thrown: number;
  received: number;
  counted: number;
  lost: number;
  reportedLost: number;
  /** Not part of the sum: refused for now, sent again, no exceptions, received but not digestible. */
  deferred: number;
  repeated: number;
  discarded: number;
  setAside: number;
}

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
