import { z } from "zod";
import { messageOf } from "./errors.ts";
import { digestOf } from "./patch.ts";

/**
 * An AuditEntry as it is stored: the canonical JSON of every field except the hash, and the hash of exactly that text.
 */
export interface AuditRow {
  sequence: number;
  json: string;
  /** SHA-256 of `json`, hex. */
  hash: string;
}

/**
 * The result of a check of the chain. Store `head` somewhere else: the chain alone cannot show that its end was cut
 * off.
 */
export const AuditCheck = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("ok"), entries: z.number().int(), head: z.string() }),
  /**
   * `sequence`: the first entry that differs from what was written. If the log was cut short, it is one past the last
   * entry.
   */
  z.object({ kind: z.literal("broken"), sequence: z.number().int(), reason: z.string() }),
]);
export type AuditCheck = z.infer<typeof AuditCheck>;

/** The predecessor of the first entry. */
export const GENESIS = { sequence: 0, hash: "0".repeat(64) } as const;

const Linked = z.looseObject({ sequence: z.number(), previousHash: z.string() });

/** A check of a chain that takes one row at a time, so that a large log need not fit into memory. */
export interface ChainWalk {
  /** Checks the next row. Returns false once the chain is broken. */
  add(row: AuditRow): boolean;
  result(): AuditCheck;
}

/**
 * Checks rows in their order. `expect`: a head that was noted earlier; the chain must contain it. `part`: the rows are
 * a selection (such as one ticket's), so each row is checked only against its own hash.
 * @example
 * const walk = walkChain({ expect: notedHead });
 * for (const row of rows) if (!walk.add(row)) break;
 * const check = walk.result();
 */
export function walkChain({ expect, part = false }: { expect?: string; part?: boolean } = {}): ChainWalk {
  let before: { sequence: number; hash: string } = GENESIS;
  let entries = 0;
  let met = expect === undefined || expect === GENESIS.hash;
  let broken: AuditCheck | null = null;
  return {
    add: (row) => {
      const reason = faultOf(row, part ? null : before);
      if (reason !== null) {
        broken ??= { kind: "broken", sequence: part ? row.sequence : before.sequence + 1, reason };
        return false;
      }
      before = row;
      entries += 1;
      met ||= row.hash === expect;
      return true;
    },
    result: () => {
      if (broken !== null) return broken;
      if (met) return { kind: "ok", entries, head: before.hash };
      const reason = `the log ends without the head ${expect}: it was cut short, or is another log`;
      return { kind: "broken", sequence: before.sequence + 1, reason };
    },
  };
}

/** JSON with sorted keys and no white space. Equal content gives equal text, so that anyone can recompute a hash. */
export function canonicalJson(content: unknown): string {
  return JSON.stringify(content, (_key, value: unknown) =>
    value !== null && typeof value === "object" && !Array.isArray(value)
      ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
      : value,
  );
}

/** One line of an export: the entry with its hash. The stored text is not changed. */
export function exportLine({ json, hash }: AuditRow): string {
  return `${json.slice(0, -1)},"hash":"${hash}"}`;
}

const Line = z.looseObject({ sequence: z.number(), hash: z.string() });

/**
 * Reads one line of an export. Throws an Error if the line is not an AuditEntry, and a SyntaxError if it is not JSON.
 */
export function readExportLine(line: string): AuditRow {
  const parsed = Line.safeParse(JSON.parse(line));
  if (!parsed.success) throw new Error("the line is no audit entry");
  const { hash, ...content } = parsed.data;
  return { sequence: content.sequence, json: canonicalJson(content), hash };
}

function faultOf(row: AuditRow, before: { sequence: number; hash: string } | null): string | null {
  if (before !== null && row.sequence !== before.sequence + 1) return `entry ${before.sequence + 1} is missing`;
  if (digestOf(row.json) !== row.hash) return "its content was changed";
  try {
    const entry = Linked.safeParse(JSON.parse(row.json));
    if (!entry.success) return "its content is no audit entry";
    if (entry.data.sequence !== row.sequence) return "its content is another entry's";
    if (before === null || entry.data.previousHash === before.hash) return null;
    return "it does not chain to the entry before it";
  } catch (thrown) {
    return messageOf(thrown);
  }
}
