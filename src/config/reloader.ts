import { unwatchFile, watchFile } from "node:fs";
import { InvalidInputError, messageOf } from "../domain/errors.ts";
import type { AuditLog } from "../domain/ports/auditLog.ts";
import type { Log } from "../domain/ports/log.ts";
import type { ConfigChange, LiveConfig } from "./liveConfig.ts";
import type { LoadedConfig } from "./load.ts";

/** How often the file is checked for a change, milliseconds. */
const LOOK_MS = 2000;

/** What `createReloader` needs. */
export interface ReloaderDeps {
  live: LiveConfig;
  /** Reads file, environment and options again. */
  load: () => LoadedConfig;
  audit: AuditLog;
  log: Log;
}

interface Reloader {
  /**
   * Applies what a running process may change. A faulty configuration changes nothing and is `rejected`. Rejects only
   * if the audit entry cannot be written.
   */
  reload(actor: string): Promise<({ kind: "reloaded" } & ConfigChange) | { kind: "rejected"; faults: string[] }>;
  /** Reloads when the file changes, until the returned function is called. */
  watch(file: string): () => void;
}

/** Reads the configuration again while the process runs. An audit entry records the result. */
export function createReloader({ live, load, audit, log }: ReloaderDeps): Reloader {
  const reload: Reloader["reload"] = async (actor) => {
    const read = tryTo(load);
    if (read.kind === "rejected") {
      log.error("the configuration was not taken over; the former one holds on", { faults: read.faults });
      await audit.append({ kind: "config.rejected", actor, facts: { faults: read.faults } });
      return read;
    }
    for (const { path, message } of read.loaded.warnings) log.warn(`configuration: ${path} ${message}`);
    const { changed, needsRestart } = live.apply(read.loaded.config);
    if (changed.length + needsRestart.length > 0) {
      log.info("the configuration was read again", { changed, needsRestart });
      await audit.append({ kind: "config.reloaded", actor, facts: { changed, needsRestart } });
    }
    return { kind: "reloaded", changed, needsRestart };
  };
  return {
    reload,
    watch(file) {
      const look = () => {
        reload("system").catch((error: unknown) =>
          log.error("a reload is not on the record", { reason: messageOf(error) }),
        );
      };
      watchFile(file, { interval: LOOK_MS, persistent: false }, look);
      return () => unwatchFile(file, look);
    },
  };
}

function tryTo(load: () => LoadedConfig) {
  try {
    return { kind: "loaded", loaded: load() } as const;
  } catch (error) {
    const faults = error instanceof InvalidInputError ? error.faults : [{ path: "", message: messageOf(error) }];
    return {
      kind: "rejected" as const,
      faults: faults.map((f) => (f.path === "" ? f.message : `${f.path}: ${f.message}`)),
    };
  }
}
