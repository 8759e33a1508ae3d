/** How nearby code guards a name: the count of each form, and the default values. */
export interface NearbyGuards {
  /** `x.name && …` */
  and: number;
  /** `x.name?.…` */
  optional: number;
  /** `!x.name ||`, `if (!x.name)` */
  not: number;
  /** Defaults in `x.name || []`, most frequent first. */
  defaults: string[];
  /** Types in `typeof x.name === 'type'`, most frequent first. */
  types: string[];
  /** `Array.isArray(x.name)` */
  isArray: number;
}

export const NO_NEARBY_GUARDS: NearbyGuards = { and: 0, optional: 0, not: 0, defaults: [], types: [], isArray: 0 };

/** How many plain guards (`&&`, `?.`, `!x`) there are. */
export function guardCount(siblings: NearbyGuards): number {
  return siblings.and + siblings.optional + siblings.not;
}

/**
 * Counts the guards of a name in texts. The first text is the file itself and counts three times. Works on text instead
 * of syntax trees, because many files are searched and the forms are simple.
 */
export function nearbyGuardsOf(name: string, texts: readonly string[]): NearbyGuards {
  if (!/^[\w$]+$/.test(name)) return NO_NEARBY_GUARDS;
  const n = `(?<![\\w$])${name.replaceAll("$", "\\$")}`;
  const owner = "(?:[\\w$]+(?:\\.|\\?\\.))*";
  const patterns = {
    and: new RegExp(`${n}\\)? (?:&&|\\? [^.:])`, "g"),
    optional: new RegExp(`${n}\\?\\.`, "g"),
    not: new RegExp(`!${owner}${n}(?: \\|\\||\\))`, "g"),
    isArray: new RegExp(`Array\\.isArray\\(${owner}${n}\\)`, "g"),
    defaults: new RegExp(`${n} (?:\\|\\||\\?\\?) (\\[\\]|\\{\\}|''|""|0|null|false|true)`, "g"),
    types: new RegExp(`typeof ${owner}${n} [!=]==? ['"](\\w+)['"]`, "g"),
  };
  const counted = { and: 0, optional: 0, not: 0, isArray: 0 };
  const defaults = new Map<string, number>();
  const types = new Map<string, number>();
  texts.forEach((text, index) => {
    if (!text.includes(name)) return;
    const weight = index === 0 ? 3 : 1;
    for (const form of ["and", "optional", "not", "isArray"] as const) {
      counted[form] += weight * (text.match(patterns[form])?.length ?? 0);
    }
    tally(defaults, text.matchAll(patterns.defaults), weight);
    tally(types, text.matchAll(patterns.types), weight);
  });
  return { ...counted, defaults: byCount(defaults), types: byCount(types) };
}

function tally(counts: Map<string, number>, matches: Iterable<RegExpMatchArray>, weight: number): void {
  for (const match of matches) {
    const key = match[1] ?? "";
    counts.set(key, (counts.get(key) ?? 0) + weight);
  }
}

function byCount(counts: Map<string, number>): string[] {
  return [...counts].sort((a, b) => b[1] - a[1]).map(([key]) => key);
}
