import type { AssistantVersion, Store } from "@langchain/langgraph-api/storage";

/** The kinds of entries in the LangGraph API's store. Each kind is a separate table in memory. */
export const API_KINDS = ["runs", "threads", "assistants", "assistant_versions", "retry_counter"] as const;
export type ApiKind = (typeof API_KINDS)[number];

/** The field of an entry that is not stored: it is the content of the newest checkpoint, and large. */
const DERIVABLE: Readonly<Partial<Record<ApiKind, string>>> = { threads: "values" };

/** An empty API store. */
export function emptyApiStore(): Store {
  return { runs: {}, threads: {}, assistants: {}, assistant_versions: [], retry_counter: {} };
}

/** Calls `visit` with the key and the value of each entry of a kind, in the order of the store. */
export function eachEntry(data: Store, kind: ApiKind, visit: (key: string, entry: unknown) => void): void {
  if (kind === "assistant_versions") {
    for (const version of data.assistant_versions) visit(`${version.assistant_id}:${version.version}`, version);
    return;
  }
  const entries = data[kind];
  for (const key in entries) visit(key, entries[key]);
}

/**
 * Puts a stored entry back. `created_at` and `updated_at` become Date objects again; the server has dates in no other
 * field.
 */
export function putEntry(data: Store, kind: ApiKind, key: string, json: string): void {
  const value: unknown = JSON.parse(json);
  if (kind === "assistant_versions") data.assistant_versions.push(withDates(value) as AssistantVersion);
  else Object.assign(data[kind], { [key]: withDates(value) });
}

/** The JSON text that an entry is stored as. */
export function entryJson(kind: ApiKind, entry: unknown): string {
  return JSON.stringify(snapshotOf(kind, entry));
}

/** A copy of an entry's fields without the one that is not stored. A number is returned as it is. */
export function snapshotOf(kind: ApiKind, entry: unknown): unknown {
  if (!isFields(entry)) return entry;
  const derivable = DERIVABLE[kind];
  const snapshot: Record<string, unknown> = {};
  for (const field in entry) if (field !== derivable) snapshot[field] = entry[field];
  return snapshot;
}

/**
 * Whether an entry equals its snapshot. The server replaces fields and never changes what is inside them, so a
 * comparison by identity finds every change. Serialising thousands of entries after every call would block the event
 * loop.
 */
export function isUnchanged(kind: ApiKind, entry: unknown, snapshot: unknown): boolean {
  if (!isFields(entry) || !isFields(snapshot)) return entry === snapshot;
  const derivable = DERIVABLE[kind];
  let fields = 0;
  for (const field in entry) {
    if (field === derivable) continue;
    if (entry[field] !== snapshot[field]) return false;
    fields += 1;
  }
  for (const _ in snapshot) fields -= 1;
  return fields === 0;
}

function isFields(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}

function withDates(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([field, content]) => [
      field,
      (field === "created_at" || field === "updated_at") && typeof content === "string" ? new Date(content) : content,
    ]),
  );
}
