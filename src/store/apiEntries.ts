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

/** The entries of one kind by key, in their order. */
export function entriesOf(data: Store, kind: ApiKind): readonly (readonly [string, unknown])[] {
  if (kind !== "assistant_versions") return Object.entries(data[kind]);
  return data.assistant_versions.map((version) => [`${version.assistant_id}:${version.version}`, version]);
}

/** Puts a stored entry back. The server's dates are Date objects in `created_at` and `updated_at`, and nowhere else. */
export function putEntry(data: Store, kind: ApiKind, key: string, json: string): void {
  const value: unknown = JSON.parse(json);
  if (kind === "assistant_versions") data.assistant_versions.push(withDates(value) as AssistantVersion);
  else Object.assign(data[kind], { [key]: withDates(value) });
}

/** The text an entry is stored as. */
export function entryJson(kind: ApiKind, entry: unknown): string {
  return JSON.stringify(withoutDerivable(kind, entry));
}

/**
 * What tells whether an entry was touched: its own fields. The server replaces fields and never changes what is inside
 * them, so comparing these by identity finds every change without serialising the whole store after each call.
 */
export function fieldsOf(kind: ApiKind, entry: unknown): ReadonlyMap<string, unknown> {
  if (typeof entry !== "object" || entry === null) return new Map([["", entry]]);
  return new Map(Object.entries(entry).filter(([field]) => field !== DERIVABLE[kind]));
}

/** Whether the entry still has exactly these fields. */
export function hasFields(kind: ApiKind, entry: unknown, fields: ReadonlyMap<string, unknown>): boolean {
  if (typeof entry !== "object" || entry === null) return fields.get("") === entry;
  let seen = 0;
  for (const [field, value] of Object.entries(entry)) {
    if (field === DERIVABLE[kind]) continue;
    if (fields.get(field) !== value) return false;
    seen += 1;
  }
  return seen === fields.size;
}

function withoutDerivable(kind: ApiKind, entry: unknown): unknown {
  const derivable = DERIVABLE[kind];
  if (derivable === undefined || typeof entry !== "object" || entry === null) return entry;
  return Object.fromEntries(Object.entries(entry).filter(([field]) => field !== derivable));
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
