/** When many new families of one service are taken for one incident. Times in milliseconds. */
export interface IncidentRule {
  /** So many… 0: never. */
  families: number;
  /** …first seen within this time. */
  withinMs: number;
  /** How long the others wait for the ticket of the one that began it. */
  holdMs: number;
}

/** An Issue, as far as the rule looks at it. */
interface Began {
  id: string;
  firstSeen: number;
}

/**
 * The bursts among Issues of one service: each as its Issues, the first seen in front. A service must have been known for
 * longer than a burst takes: what a new service shows in its first seconds was there before, and is no cascade. Pure; neither
 * the order nor repetitions matter, and a burst is one burst of itself and what was known before.
 */
export function burstsOf<T extends Began>(issues: readonly T[], { families, withinMs }: IncidentRule): T[][] {
  if (families <= 0) return [];
  const sorted = [...new Map(issues.map((issue) => [issue.id, issue])).values()].sort(
    (a, b) => a.firstSeen - b.firstSeen || (a.id < b.id ? -1 : 1),
  );
  const bursts: T[][] = [];
  /** The first that is not within the time of the one looked at, and the first that is in no burst yet. */
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
