import { dirname, join, resolve } from "node:path";
import type { Service } from "../../domain/service.ts";

/** Folders beside the working trees. A tree is DATA/work/<ticket>; nothing else lies in a place that a sandbox can write to. */
export interface SideFolders {
  /** Links to the dependency folders, laid out as in the repository; bound read-only inside a sandbox. */
  deps: string;
  /** What the setup command made, to be put back after a reset. */
  setup: string;
}

export function workDir(dataDir: string, ticketId: string): string {
  return join(dataDir, "work", ticketId);
}

/** The folders that belong to the working tree `dir`. */
export function sideFoldersOf(dir: string, ticketId: string): SideFolders {
  const dataDir = dirname(dirname(dir));
  return { deps: join(dataDir, "deps", ticketId), setup: join(dataDir, "setup", ticketId) };
}

/** Where the service's commands run, in the tree at `dir`. */
export function commandDir(dir: string, service: Service): string {
  return resolve(dir, service.root);
}
