import type { Finding } from "../../domain/evidence.ts";

/**
 * Something that a scanner found in one file. `text` identifies it: the same text elsewhere in the file is the same
 * hit.
 */
export interface Hit {
  rule: string;
  weight: Finding["weight"];
  line: number;
  message: string;
  text: string;
}

/** Contents of the changed files by path, on the base and with the patch. */
export interface Change {
  before: ReadonlyMap<string, string>;
  after: ReadonlyMap<string, string>;
}

/** Scans each changed file on both sides, and reports hits that occur more often with the patch than before. */
export async function newHits(
  { before, after }: Change,
  scan: (path: string, content: string) => Hit[] | Promise<Hit[]>,
): Promise<Finding[]> {
  const findings: Finding[] = [];
  for (const [path, content] of after) {
    const known = new Map<string, number>();
    for (const hit of await scan(path, before.get(path) ?? "")) {
      known.set(keyOf(hit), (known.get(keyOf(hit)) ?? 0) + 1);
    }
    for (const hit of await scan(path, content)) {
      const left = known.get(keyOf(hit)) ?? 0;
      known.set(keyOf(hit), left - 1);
      if (left > 0) continue;
      findings.push({ rule: hit.rule, weight: hit.weight, path, line: hit.line, message: hit.message });
    }
  }
  return findings;
}

function keyOf(hit: Hit): string {
  return `${hit.rule}\0${hit.text}`;
}
