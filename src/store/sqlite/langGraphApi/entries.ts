import type { AssistantVersion, Store } from "@langchain/langgraph-api/storage";

/** The kinds of entries of the LangGraph API's store, each a table of its own in memory. */
export const API_KINDS = ["runs", "threads", "assistants", "assistant_versions", "retry_counter"] as const;
export type ApiKind = (typeof API_KINDS)[number];

/** What is left out of an entry: it is the newest checkpoint's content, and large. */
const DERIVABLE: Readonly<Partial<Record<ApiKind, string>>> = { threads: "values" };

/** An API store without anything in it. */
export function emptyApiStore(): Store {
  return { runs: {}, threads: {}, assistants: {}, assistant_versions: [], retry_counter: {} };
}

/** Calls `visit` with each entry of one kind and its key, in their order. */
export function eachEntry(data: Store, kind: ApiKind, visit: (key: string, entry: unknown) => void): void {
  if (kind === "assistant_versions") {
    for (const version of data.assistant_versions) visit(`${version.assistant_id}:${version.version}`, version);
    return;
  }
  const entries = data[kind];
  for (const key in entries) visit(key, entries[key]);
}

/** Puts a stored entry back. The server's dates are Date objects in `created_at` and `updated_at`, and nowhere else. */
export function putEntry(data: Store, kind: ApiKind, key: string, json: string): void {
  const value: unknown = JSON.parse(json);
  if (kind === "assistant_versions") data.assistant_versions.push(withDates(value) as AssistantVersion);
  else Object.assign(data[kind], { [key]: withDates(value) });
}

/** The text an entry is stored as. */
export function entryJson(kind: ApiKind, entry: unknown): string {
  return JSON.stringify(snapshotOf(kind, entry));
}

/** An entry as it is now: a copy of its own fields without what is derivable, or the number itself. */
export function snapshotOf(kind: ApiKind, entry: unknown): unknown {
  if (!isFields(entry)) return entry;
  const derivable = DERIVABLE[kind];
  const snapshot: Record<string, unknown> = {};
  for (const field in entry) if (field !== derivable) snapshot[field] = entry[field];
  return snapshot;
}

/**
 * Whether an entry is as its snapshot was. The server replaces fields and never changes what is inside them, so comparing
 * them by identity finds every change; serialising thousands of entries after every call would hold up the event loop.
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
