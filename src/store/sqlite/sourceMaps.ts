import type { BlobStore } from "../../domain/ports/blobStore.ts";
import { SourceMapEntry, SourceMapRelease, type SourceMapStore } from "../../domain/sourceMap.ts";
import type { EmbeddedDatabase } from "./database.ts";

/** Number of releases whose list of files is cached. */
const HELD = 50;

/**
 * Creates the store of source maps: one row per file, and the texts as blobs. A text that is the same in two releases
 * is stored once.
 */
export function createSourceMapStore(db: EmbeddedDatabase, blobs: BlobStore): SourceMapStore {
  const sql = prepare(db);
  const held = new Map<string, readonly SourceMapEntry[]>();
  const read = (row: unknown) => SourceMapEntry.parse(row);
  return {
    put: async (given, text) => {
      // The text is stored first, so that a row never refers to a missing blob.
      const entry = { ...given, digest: await blobs.put(text), bytes: Buffer.byteLength(text), fault: null };
      await db.write(() => void sql.put.run(entry));
      held.clear();
      return entry;
    },
    ofRelease: async (project, release) => {
      const key = JSON.stringify([project, release]);
      const known = held.get(key);
      if (known !== undefined) return known;
      const entries = sql.ofRelease.all(project, release).map(read);
      if (held.size >= HELD) held.clear();
      held.set(key, entries);
      return entries;
    },
    byDebugId: async (project, debugId) => {
      const row = sql.byDebugId.get(project, debugId);
      return row === undefined ? null : read(row);
    },
    read: (digest) => blobs.get(digest),
    noteFault: async (digest, fault) => {
      await db.write(() => void sql.noteFault.run(fault.slice(0, 300), digest));
      held.clear();
    },
    releases: async () => sql.releases.all().map((row) => SourceMapRelease.parse(row)),
    remove: async (project, release) => {
      const removed = await db.write(() => sql.remove.run(project, release).changes);
      held.clear();
      return removed;
    },
  };
}

const COLUMNS = `project, release, file, digest, bytes, debug_id AS debugId, uploaded_at AS uploadedAt, fault`;

function prepare({ sqlite }: EmbeddedDatabase) {
  return {
    put: sqlite.prepare(`
      INSERT INTO source_maps (project, release, file, digest, bytes, debug_id, uploaded_at, fault)
      VALUES (@project, @release, @file, @digest, @bytes, @debugId, @uploadedAt, @fault)
      ON CONFLICT (project, release, file) DO UPDATE SET digest = excluded.digest, bytes = excluded.bytes,
        debug_id = excluded.debug_id, uploaded_at = excluded.uploaded_at, fault = excluded.fault`),
    ofRelease: sqlite.prepare<[string, string], unknown>(
      `SELECT ${COLUMNS} FROM source_maps WHERE project = ? AND release = ? ORDER BY file`,
    ),
    byDebugId: sqlite.prepare<[string, string], unknown>(
      `SELECT ${COLUMNS} FROM source_maps WHERE project = ? AND debug_id = ? ORDER BY uploaded_at DESC LIMIT 1`,
    ),
    noteFault: sqlite.prepare<[string, string]>("UPDATE source_maps SET fault = ? WHERE digest = ?"),
    releases: sqlite.prepare<[], unknown>(`
      SELECT project, release, count(*) AS files, sum(bytes) AS bytes, count(fault) AS faulty,
        max(uploaded_at) AS uploadedAt
      FROM source_maps GROUP BY project, release ORDER BY uploadedAt DESC, release`),
    remove: sqlite.prepare<[string, string]>("DELETE FROM source_maps WHERE project = ? AND release = ?"),
  };
}
