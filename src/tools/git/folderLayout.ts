import { dirname, join, resolve } from "node:path";
import type { Service } from "../../domain/service.ts";

/** Folders beside the working trees. A tree is DATA/work/<ticket>. A sandbox can write to nothing else in DATA. */
export interface SideFolders {
  /** Links to the dependency folders, in the layout of the repository. Bound read-only inside a sandbox. */
  deps: string;
  /** The files that the setup command created, restored after every reset. */
  setup: string;
}

/** The working tree of a ticket. */
export function workDir(dataDir: string, ticketId: string): string {
  return join(dataDir, "work", ticketId);
}

/** The folders that belong to the working tree `dir`. */
export function sideFoldersOf(dir: string, ticketId: string): SideFolders {
  const dataDir = dirname(dirname(dir));
  return { deps: join(dataDir, "deps", ticketId), setup: join(dataDir, "setup", ticketId) };
}

/** The folder in which the service's commands run, in the tree at `dir`. */
export function commandDir(dir: string, service: Service): string {
  return resolve(dir, service.root);
}
