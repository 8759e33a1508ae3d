import type { Store } from "@langchain/langgraph-api/storage";
import type { EmbeddedDatabase } from "../database.ts";
import { asStorageError } from "../sqlite.ts";
import { API_KINDS, type ApiKind, eachEntry, entryJson, isUnchanged, putEntry, snapshotOf } from "./entries.ts";

interface EntryKey {
  kind: ApiKind;
  key: string;
}

/** An entry that is new or differs from the stored one. */
interface Changed extends EntryKey {
  entry: unknown;
}

type Snapshots = Readonly<Record<ApiKind, Map<string, unknown>>>;

/**
 * Loads the stored entries into `data`. `flush` commits the changes of `data` since the last flush. Throws
 * SelfhealError `storage`.
 */
export function trackChanges(db: EmbeddedDatabase, data: Store): { flush(): void } {
  const put = db.sqlite.prepare(`
    INSERT INTO api_entries (kind, key, json) VALUES (?, ?, ?)
    ON CONFLICT (kind, key) DO UPDATE SET json = excluded.json`);
  const remove = db.sqlite.prepare("DELETE FROM api_entries WHERE kind = ? AND key = ?");
  const snapshots = load(db, data);
  const commit = db.sqlite.transaction((changed: readonly Changed[], gone: readonly EntryKey[]) => {
    for (const { kind, key, entry } of changed) put.run(kind, key, entryJson(kind, entry));
    for (const { kind, key } of gone) remove.run(kind, key);
  });

  return {
    flush: () => {
      const { changed, gone } = differenceOf(data, snapshots);
      if (changed.length + gone.length === 0) return;
      try {
        commit.immediate(changed, gone);
      } catch (thrown) {
        throw asStorageError(thrown);
      }
      // Snapshots change only after the commit, so that a failed write is tried again at the next call.
      for (const { kind, key, entry } of changed) snapshots[kind].set(key, snapshotOf(kind, entry));
      for (const { kind, key } of gone) snapshots[kind].delete(key);
    },
  };
}

function differenceOf(data: Store, snapshots: Snapshots): { changed: Changed[]; gone: EntryKey[] } {
  const changed: Changed[] = [];
  const gone: EntryKey[] = [];
  for (const kind of API_KINDS) {
    const known = snapshots[kind];
    let stillThere = 0;
    eachEntry(data, kind, (key, entry) => {
      const snapshot = known.get(key);
      if (snapshot !== undefined) stillThere += 1;
      if (snapshot === undefined || !isUnchanged(kind, entry, snapshot)) changed.push({ kind, key, entry });
    });
    if (stillThere < known.size) gone.push(...goneOf(data, kind, known));
  }
  return { changed, gone };
}

function goneOf(data: Store, kind: ApiKind, known: ReadonlyMap<string, unknown>): EntryKey[] {
  const present = new Set<string>();
  eachEntry(data, kind, (key) => present.add(key));
  return [...known.keys()].filter((key) => !present.has(key)).map((key) => ({ kind, key }));
}

function load(db: EmbeddedDatabase, data: Store): Snapshots {
  const rows = db.sqlite.prepare<[], { kind: ApiKind; key: string; json: string }>(
    "SELECT kind, key, json FROM api_entries ORDER BY rowid",
  );
  for (const { kind, key, json } of rows.all()) putEntry(data, kind, key, json);
  const snapshots = Object.fromEntries(API_KINDS.map((kind) => [kind, new Map<string, unknown>()])) as Snapshots;
  for (const kind of API_KINDS) {
    eachEntry(data, kind, (key, entry) => snapshots[kind].set(key, snapshotOf(kind, entry)));
  }
  return snapshots;
}
