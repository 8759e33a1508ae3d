import { existsSync } from "node:fs";
import { join } from "node:path";
import { setImmediate as nextTurn } from "node:timers/promises";
import { AuditEntry, AuditKind } from "../../domain/audit.ts";
import { type AuditCheck, type AuditRow, canonicalJson, GENESIS, walkChain } from "../../domain/auditChain.ts";
import { InvalidInputError, SelfhealError } from "../../domain/errors.ts";
import { digestOf } from "../../domain/patch.ts";
import type { AuditChain } from "../../domain/ports/auditLog.ts";
import type { Clock } from "../../domain/ports/clock.ts";
import type { EmbeddedDatabase } from "./database.ts";
import { openForReading, type Sqlite } from "./sqlite.ts";
import { readStored } from "./storedJson.ts";

const Content = AuditEntry.omit({ hash: true });
const Written = Content.extend({ kind: AuditKind });

/** Rows that are checked between two turns of the event loop: some milliseconds. */
const SLICE = 200;

/**
 * Creates the append-only audit log. The hash of an AuditEntry covers its content and the previous hash; triggers
 * refuse UPDATE and DELETE. `append` throws InvalidInputError `invalidAuditEntry`.
 */
export function createAuditLog(db: EmbeddedDatabase, clock: Clock): AuditChain {
  const last = db.sqlite.prepare<[], { sequence: number; hash: string }>(
    "SELECT sequence, hash FROM audit ORDER BY sequence DESC LIMIT 1",
  );
  const insert = db.sqlite.prepare<AuditRow>(
    "INSERT INTO audit (sequence, json, hash) VALUES (@sequence, @json, @hash)",
  );
  const newest = db.sqlite.prepare<[number], AuditRow>(
    "SELECT sequence, json, hash FROM audit ORDER BY sequence DESC LIMIT ?",
  );
  const newestOf = db.sqlite.prepare<[string, number], AuditRow>(
    "SELECT sequence, json, hash FROM audit WHERE ticket_id = ? ORDER BY sequence DESC LIMIT ?",
  );
  const page = pages(db.sqlite);

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
    head: async () => {
      const { sequence, hash } = last.get() ?? GENESIS;
      return { entries: sequence, head: hash };
    },
    page: async (query) => page(query),
    verify: (expect) => walk(page, expect),
    after: async (sequence, limit) => page({ after: sequence, limit }).map(entryOf),
  };
}

/**
 * Verifies the audit log of a data folder. The folder is only read, so a selfheal may run on it. Throws SelfhealError
 * `storage` if there is no log.
 */
export async function verifyAuditIn(dataDir: string, expect?: string): Promise<AuditCheck> {
  const file = join(dataDir, "selfheal.sqlite");
  if (!existsSync(file)) throw new SelfhealError("storage", `there is no audit log in ${dataDir}: no selfheal.sqlite`);
  const sqlite = openForReading(file);
  try {
    return await walk(pages(sqlite), expect);
  } finally {
    sqlite.close();
  }
}

type Pages = (query: { after: number; limit: number; ticketId?: string }) => AuditRow[];

function pages(sqlite: Sqlite): Pages {
  const all = sqlite.prepare<[number, number], AuditRow>(
    "SELECT sequence, json, hash FROM audit WHERE sequence > ? ORDER BY sequence LIMIT ?",
  );
  const ofTicket = sqlite.prepare<[string, number, number], AuditRow>(
    "SELECT sequence, json, hash FROM audit WHERE ticket_id = ? AND sequence > ? ORDER BY sequence LIMIT ?",
  );
  return ({ after, limit, ticketId }) =>
    ticketId === undefined ? all.all(after, limit) : ofTicket.all(ticketId, after, limit);
}

/**
 * Verifies the chain from the first entry to the newest, including entries that are appended meanwhile. It checks one
 * slice per turn, so that the event loop is not blocked.
 */
async function walk(page: Pages, expect?: string): Promise<AuditCheck> {
  const chain = walkChain(expect === undefined ? {} : { expect });
  // Starts at the smallest possible number, so that a row before the first entry is found too.
  for (let after: number = Number.MIN_SAFE_INTEGER; ; ) {
    const rows = page({ after, limit: SLICE });
    for (const row of rows) if (!chain.add(row)) return chain.result();
    const newest = rows.at(-1);
    if (newest === undefined) return chain.result();
    after = newest.sequence;
    await nextTurn();
  }
}

function entryOf(row: AuditRow): AuditEntry {
  return { ...readStored(Content, row.json, `audit entry ${row.sequence}`), hash: row.hash };
}

function checked(content: Omit<AuditEntry, "hash">): Omit<AuditEntry, "hash"> {
  const parsed = Written.safeParse(content);
  if (parsed.success) return parsed.data;
  throw new InvalidInputError(
    "invalidAuditEntry",
    parsed.error.issues.map((i) => ({ path: i.path.join("."), message: i.message })),
  );
}
