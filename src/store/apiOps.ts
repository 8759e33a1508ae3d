import type { Store } from "@langchain/langgraph-api/storage";
import {
  API_KINDS,
  type ApiKind,
  emptyApiStore,
  entriesOf,
  entryJson,
  fieldsOf,
  hasFields,
  putEntry,
} from "./apiEntries.ts";
import { endLeftRuns, type LeftRun } from "./apiLeftRuns.ts";
import type { EmbeddedDatabase } from "./database.ts";
import { asStorageError } from "./sqlite.ts";

/**
 * What `FileSystemOps` of @langchain/langgraph-api 1.5.1 keeps its data in (its own implementation writes a JSON file
 * three seconds late). Here every call's changes are committed before the call resolves.
 */
export interface ApiPersistence {
  readonly data: Store;
  /** Runs that the process before left in the middle. They are "error" now: left "running" they would block their threads for ever. */
  readonly cutOff: readonly LeftRun[];
  with<T>(fn: (data: Store) => T | Promise<T>): Promise<T>;
  withGenerator<T>(
    fn: AsyncGenerator<T> | ((data: Store, options: { schedulePersist: () => void }) => AsyncGenerator<T>),
  ): AsyncGenerator<T>;
}

/** Loads the server's entries and keeps them in step. Throws SelfhealError `storage`, at once or from `with`. */
export function createApiPersistence(db: EmbeddedDatabase): ApiPersistence {
  const data = emptyApiStore();
  const changes = trackChanges(db, data);
  const cutOff = endLeftRuns(db, data);
  changes.flush();

  return {
    data,
    cutOff,
    with: async (fn) => {
      try {
        return await fn(data);
      } finally {
        changes.flush();
      }
    },
    async *withGenerator(fn) {
      let wanted = false;
      const schedulePersist = () => {
        wanted = true;
      };
      try {
        for await (const item of typeof fn === "function" ? fn(data, { schedulePersist }) : fn) {
          // The queue's generator marks a run as running and then hands it out: on disk before it is worked on.
          if (wanted) changes.flush();
          wanted = false;
          yield item;
        }
      } finally {
        if (wanted) changes.flush();
      }
    },
  };
}

interface Stored {
  fields: ReadonlyMap<string, unknown>;
  json: string;
}

/** Loads what is stored into `data`, and returns what commits the difference since then. */
function trackChanges(db: EmbeddedDatabase, data: Store): { flush(): void } {
  const put = db.sqlite.prepare(`
    INSERT INTO api_entries (kind, key, json) VALUES (?, ?, ?)
    ON CONFLICT (kind, key) DO UPDATE SET json = excluded.json`);
  const remove = db.sqlite.prepare("DELETE FROM api_entries WHERE kind = ? AND key = ?");
  const stored = load(db, data);

  const changedOf = (kind: ApiKind) =>
    entriesOf(data, kind).flatMap(([key, entry]) => {
      const known = stored[kind].get(key);
      if (known !== undefined && hasFields(kind, entry, known.fields)) return [];
      const json = entryJson(kind, entry);
      return [{ kind, key, fields: fieldsOf(kind, entry), json, isNew: json !== known?.json }];
    });
  const goneOf = (kind: ApiKind) => {
    const present = entriesOf(data, kind);
    if (present.length === stored[kind].size && present.every(([key]) => stored[kind].has(key))) return [];
    const keys = new Set(present.map(([key]) => key));
    return [...stored[kind].keys()].filter((key) => !keys.has(key)).map((key) => ({ kind, key }));
  };

  return {
    flush: () => {
      const changed = API_KINDS.flatMap(changedOf);
      const gone = API_KINDS.flatMap(goneOf);
      const fresh = changed.filter(({ isNew }) => isNew);
      if (fresh.length + gone.length > 0) {
        commit(db, () => {
          for (const { kind, key, json } of fresh) put.run(kind, key, json);
          for (const { kind, key } of gone) remove.run(kind, key);
        });
      }
      // Only after the commit: what could not be written is tried again with the next call.
      for (const { kind, key, fields, json } of changed) stored[kind].set(key, { fields, json });
      for (const { kind, key } of gone) stored[kind].delete(key);
    },
  };
}

function load(db: EmbeddedDatabase, data: Store): Record<ApiKind, Map<string, Stored>> {
  const rows = db.sqlite
    .prepare<[], { kind: ApiKind; key: string; json: string }>("SELECT kind, key, json FROM api_entries ORDER BY rowid")
    .all();
  const stored: Record<ApiKind, Map<string, Stored>> = {
    runs: new Map(),
    threads: new Map(),
    assistants: new Map(),
    assistant_versions: new Map(),
    retry_counter: new Map(),
  };
  const jsons = new Map(rows.map((row) => [`${row.kind} ${row.key}`, row.json]));
  for (const { kind, key, json } of rows) putEntry(data, kind, key, json);
  for (const kind of API_KINDS) {
    for (const [key, entry] of entriesOf(data, kind)) {
      stored[kind].set(key, { fields: fieldsOf(kind, entry), json: jsons.get(`${kind} ${key}`) ?? "" });
    }
  }
  return stored;
}

function commit(db: EmbeddedDatabase, job: () => void): void {
  try {
    db.sqlite.transaction(job).immediate();
  } catch (thrown) {
    throw asStorageError(thrown);
  }
}
