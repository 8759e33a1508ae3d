import { AuditEntry } from "../domain/audit.ts";
import { InvalidInputError, messageOf } from "../domain/errors.ts";
import { digestOf } from "../domain/patch.ts";
import type { AuditLog, Clock } from "../domain/ports.ts";
import type { EmbeddedDatabase } from "./database.ts";
import { readStored } from "./storedJson.ts";

/** What verifyAudit found. Keep `head` elsewhere to notice a log that was cut short at its end: a chain alone cannot tell. */
export type AuditCheck =
  | { kind: "ok"; entries: number; head: string }
  /** `sequence`: the first entry that does not follow from the one before. */
  | { kind: "broken"; sequence: number; reason: string };

interface Link {
  sequence: number;
  hash: string;
}

interface AuditRow extends Link {
  json: string;
}

/** What the first entry chains to. */
const GENESIS: Link = { sequence: 0, hash: "0".repeat(64) };

const Content = AuditEntry.omit({ hash: true });

/** The append-only log. Each entry's hash covers its content and the hash before it; triggers refuse UPDATE and DELETE. */
export function createAuditLog(db: EmbeddedDatabase, clock: Clock): AuditLog {
  const last = db.sqlite.prepare<[], Link>("SELECT sequence, hash FROM audit ORDER BY sequence DESC LIMIT 1");
  const insert = db.sqlite.prepare<AuditRow>(
    "INSERT INTO audit (sequence, json, hash) VALUES (@sequence, @json, @hash)",
  );
  const newest = db.sqlite.prepare<[number], AuditRow>(
    "SELECT sequence, json, hash FROM audit ORDER BY sequence DESC LIMIT ?",
  );
  const newestOf = db.sqlite.prepare<[string, number], AuditRow>(
    "SELECT sequence, json, hash FROM audit WHERE ticket_id = ? ORDER BY sequence DESC LIMIT ?",
  );

  return {
    append: async ({ kind, actor, ticketId = null, facts = {} }) => {
      const at = clock.now();
      return await db.write(() => {
        const before = last.get() ?? GENESIS;
        const content = checked({
          sequence: before.sequence + 1,
          at,
          kind,
          actor,
          ticketId,
          facts,
          previousHash: before.hash,
        });
        const json = canonicalJson(content);
        const hash = digestOf(json);
        insert.run({ sequence: content.sequence, json, hash });
        return { ...content, hash };
      });
    },
    /** Newest first. */
    list: async ({ ticketId, limit = -1 } = {}) =>
      (ticketId === undefined ? newest.all(limit) : newestOf.all(ticketId, limit)).map(entryOf),
  };
}

/** Walks the whole chain from its first entry. */
export function verifyAudit(db: EmbeddedDatabase): AuditCheck {
  let before = GENESIS;
  const rows = db.sqlite.prepare<[], AuditRow>("SELECT sequence, json, hash FROM audit ORDER BY sequence");
  for (const row of rows.iterate()) {
    const reason = faultOf(row, before);
    if (reason !== null) return { kind: "broken", sequence: before.sequence + 1, reason };
    before = row;
  }
  return { kind: "ok", entries: before.sequence, head: before.hash };
}

function faultOf(row: AuditRow, before: Link): string | null {
  if (row.sequence !== before.sequence + 1) return `entry ${before.sequence + 1} is missing`;
  if (digestOf(row.json) !== row.hash) return "its content was changed";
  try {
    const entry = entryOf(row);
    if (entry.sequence !== row.sequence) return "its content is another entry's";
    return entry.previousHash === before.hash ? null : "it does not chain to the entry before it";
  } catch (thrown) {
    return messageOf(thrown);
  }
}

function entryOf(row: AuditRow): AuditEntry {
  return { ...readStored(Content, row.json, `audit entry ${row.sequence}`), hash: row.hash };
}

function checked(content: Omit<AuditEntry, "hash">): Omit<AuditEntry, "hash"> {
  const parsed = Content.safeParse(content);
  if (parsed.success) return parsed.data;
  throw new InvalidInputError(
    "invalidAuditEntry",
    parsed.error.issues.map((i) => ({ path: i.path.join("."), message: i.message })),
  );
}

/** Object keys sorted, no white space: one text for one content, so that anyone can recompute a hash. */
function canonicalJson(content: unknown): string {
  return JSON.stringify(content, (_key, value: unknown) =>
    value !== null && typeof value === "object" && !Array.isArray(value)
      ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
      : value,
  );
}
