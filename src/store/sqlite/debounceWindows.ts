import { uuidFrom } from "../../domain/ids.ts";
import { type Batch, DebounceWindow } from "../../domain/issue.ts";
import type { DebounceStore } from "../../domain/ports/debounceStore.ts";
import { batchRows } from "./batches.ts";
import type { EmbeddedDatabase } from "./database.ts";
import { readStored } from "./storedJson.ts";

/** Creates the store of open debounce windows. `close` turns a window into a Batch. */
export function createDebounceStore(db: EmbeddedDatabase): DebounceStore {
  const batches = batchRows(db);
  const all = db.sqlite.prepare<[], string>("SELECT json FROM debounce_windows").pluck();
  const get = db.sqlite
    .prepare<[string, string], string>("SELECT json FROM debounce_windows WHERE project = ? AND service = ?")
    .pluck();
  const put = db.sqlite.prepare(`
    INSERT INTO debounce_windows (project, service, json) VALUES (?, ?, ?)
    ON CONFLICT (project, service) DO UPDATE SET json = excluded.json`);
  const remove = db.sqlite.prepare("DELETE FROM debounce_windows WHERE project = ? AND service = ?");
  const read = (project: string, service: string): DebounceWindow | null => {
    const json = get.get(project, service);
    return json === undefined ? null : readStored(DebounceWindow, json, `the debounce window of ${project}/${service}`);
  };

  const close = (window: DebounceWindow, now: number): Batch => {
    const row = read(window.project, window.service);
    const isOpen = row !== null && row.openedAt === window.openedAt;
    const existing = batches.get(batchId(window, window.openedAt));
    if (existing !== null && !isOpen) return existing;
    // The row is the source of truth: Issues that joined it after the caller read it go into the Batch too.
    const issueIds = [...new Set([...(isOpen ? row.issueIds : []), ...window.issueIds])];
    const batch = newBatch(window, issueIds, freeOpenedAt(window), now);
    batches.put(batch);
    if (isOpen) remove.run(window.project, window.service);
    return batch;
  };

  /**
   * A window can open in the same millisecond as a closed one. It gets the next free time, so that its Issues do not
   * disappear in the Batch of the closed one.
   */
  const freeOpenedAt = (window: DebounceWindow): number => {
    let openedAt = window.openedAt;
    while (batches.get(batchId(window, openedAt)) !== null) openedAt += 1;
    return openedAt;
  };

  return {
    open: async () => all.all().map((json) => readStored(DebounceWindow, json, "a debounce window")),
    get: async (project, service) => read(project, service),
    put: (window) => db.write(() => void put.run(window.project, window.service, JSON.stringify(window))),
    close: (window, now) => db.write(() => close(window, now)),
  };
}

function batchId(window: DebounceWindow, openedAt: number): string {
  return uuidFrom("batch", window.project, window.service, String(openedAt));
}

function newBatch(window: DebounceWindow, issueIds: string[], openedAt: number, now: number): Batch {
  const { project, service } = window;
  return { id: batchId(window, openedAt), project, service, issueIds, openedAt, closedAt: now, state: "closed" };
}
