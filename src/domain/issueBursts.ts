/** When many new Fingerprint families of one service count as one incident. Times in milliseconds. */
export interface IncidentRule {
  /** The number of families that make a burst. 0: never. */
  families: number;
  /** The families must be first seen within this time. */
  withinMs: number;
  /** How long the other Issues wait for the ticket of the first one. */
  holdMs: number;
}

/** The fields of an Issue that the rule uses. */
interface Began {
  id: string;
  firstSeen: number;
}

/**
 * Finds the bursts among the Issues of one service. Each burst lists its Issues, the first seen in front. A burst
 * counts only if the service had an Issue more than `withinMs` before it: the exceptions that a new service shows in
 * its first seconds existed before selfheal saw them, so they are no cascade. Pure: order and repetitions of the input
 * do not matter. The Issues of a burst, given again with the older Issues, are the same burst.
 */
export function burstsOf<T extends Began>(issues: readonly T[], { families, withinMs }: IncidentRule): T[][] {
  if (families <= 0) return [];
  const sorted = [...new Map(issues.map((issue) => [issue.id, issue])).values()].sort(
    (a, b) => a.firstSeen - b.firstSeen || (a.id < b.id ? -1 : 1),
  );
  const bursts: T[][] = [];
  /**
   * `after`: index of the first Issue later than `withinMs` after the current one. `free`: index of the first Issue
   * that is in no burst yet.
   */
  let [after, free] = [0, 0];
  for (const [start, first] of sorted.entries()) {
    while ((sorted[after]?.firstSeen ?? Number.POSITIVE_INFINITY) - first.firstSeen <= withinMs) after++;
    if (after - start < families) continue;
    if (start >= free) bursts.push([]);
    bursts.at(-1)?.push(...sorted.slice(Math.max(start, free), after));
    free = after;
  }
  const oldest = sorted[0]?.firstSeen ?? 0;
  return bursts.filter(([first]) => first !== undefined && oldest < first.firstSeen - withinMs);
}
