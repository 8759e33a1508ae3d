import type { Store } from "@langchain/langgraph-api/storage";
import type { EmbeddedDatabase } from "../database.ts";
import { trackChanges } from "./changes.ts";
import { emptyApiStore } from "./entries.ts";
import { endLeftRuns, type InterruptedRun, unsettledThreads } from "./interruptedRuns.ts";

/**
 * The persistence in which `FileSystemOps` of @langchain/langgraph-api 1.5.1 keeps its data. The library's own
 * implementation writes a JSON file three seconds late. Here the changes of every call are committed before the call
 * resolves.
 */
export interface ApiPersistence {
  readonly data: Store;
  /**
   * Runs that the previous process left unfinished. Their status is "error" now, because "running" would block their
   * threads forever.
   */
  readonly cutOff: readonly InterruptedRun[];
  /**
   * Threads that are "busy" without a pending run: the previous process ended after the end of a run and before the
   * update of its thread.
   */
  readonly unsettled: readonly string[];
  with<T>(fn: (data: Store) => T | Promise<T>): Promise<T>;
  withGenerator<T>(
    fn: AsyncGenerator<T> | ((data: Store, options: { schedulePersist: () => void }) => AsyncGenerator<T>),
  ): AsyncGenerator<T>;
}

/**
 * Creates the persistence. It loads the stored entries and commits every change. Throws SelfhealError `storage`, at
 * once or from `with`.
 */
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
          // The queue's generator marks a run as running and then yields it. The mark must be on disk before the run is
          // executed.
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
