import type { TrackRecord } from "../../domain/ports/trackRecord.ts";
import { TrackEntry } from "../../domain/trackRecord.ts";
import type { EmbeddedDatabase } from "./database.ts";
import { readStored } from "./storedJson.ts";

interface Filter {
  service: string | null;
  errorClass: string | null;
  sinceMs: number;
  limit: number;
}

/**
 * Creates the record of how earlier Patches ended: one row per Ticket, outcome and Patch. The first row that is written
 * stays.
 */
export function createTrackRecord(db: EmbeddedDatabase): TrackRecord {
  const insert = db.sqlite.prepare(`
    INSERT INTO track_record (ticket_id, outcome, patch_digest, json) VALUES (?, ?, ?, ?)
    ON CONFLICT (ticket_id, outcome, patch_digest) DO NOTHING`);
  // Within one millisecond, the entry that was written last is newer.
  const list = db.sqlite
    .prepare<[Filter], string>(`
      SELECT json FROM track_record
      WHERE (@service IS NULL OR service = @service) AND (@errorClass IS NULL OR error_class = @errorClass) AND at >= @sinceMs
      ORDER BY at DESC, rowid DESC LIMIT @limit`)
    .pluck();
  return {
    add: (entry) =>
      db.write(() => void insert.run(entry.ticketId, entry.outcome, entry.patchDigest, JSON.stringify(entry))),
    list: async ({ service, errorClass, sinceMs, limit }) =>
      list
        .all({ service: service ?? null, errorClass: errorClass ?? null, sinceMs: sinceMs ?? 0, limit: limit ?? -1 })
        .map((json) => readStored(TrackEntry, json, "an entry of the track record")),
  };
}
