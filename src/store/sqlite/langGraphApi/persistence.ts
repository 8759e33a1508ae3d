import type { Store } from "@langchain/langgraph-api/storage";
import type { EmbeddedDatabase } from "../database.ts";
import { trackChanges } from "./changes.ts";
import { emptyApiStore } from "./entries.ts";
import { endLeftRuns, type InterruptedRun, unsettledThreads } from "./leftRuns.ts";

/**
 * What `FileSystemOps` of @langchain/langgraph-api 1.5.1 keeps its data in (its own implementation writes a JSON file
 * three seconds late). Here every call's changes are committed before the call resolves.
 */
export interface ApiPersistence {
  readonly data: Store;
  /** Runs that the process before left in the middle. They are "error" now: left "running" they would block their threads for ever. */
  readonly cutOff: readonly InterruptedRun[];
  /** Threads that say they are busy, with no run to come: the process before ended between a run's end and its thread's. */
  readonly unsettled: readonly string[];
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
    unsettled: unsettledThreads(data),
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
