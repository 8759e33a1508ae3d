import { cp, lstat, mkdir, readdir, rename, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import type { Workspace } from "../../domain/ports/workspace.ts";
import { sideFoldersOf } from "./folderLayout.ts";
import { removeTree } from "./safeFiles.ts";

const DONE = ".selfheal-setup-done";

/** Whether the setup command's files are already saved for this workspace. */
export async function isSetUp(workspace: Workspace): Promise<boolean> {
  return hasSetup(sideFoldersOf(workspace.dir, workspace.ticketId).setup);
}

/** Whether a setup folder is complete. */
export async function hasSetup(setup: string): Promise<boolean> {
  return (await lstat(join(setup, DONE)).catch(() => null)) !== null;
}

/**
 * Moves the files that the setup command created out of the working tree, so that every reset can restore them. The
 * setup command therefore runs once per workspace, and no later command can change its files. Tracked files are not
 * moved.
 */
export async function keepSetup(workspace: Workspace): Promise<void> {
  const { setup } = sideFoldersOf(workspace.dir, workspace.ticketId);
  await removeTree(setup);
  await mkdir(setup, { recursive: true });
  for (const path of await untracked(workspace.dir, new Set(await workspace.files()))) {
    await mkdir(dirname(join(setup, path)), { recursive: true });
    await rename(join(workspace.dir, path), join(setup, path));
  }
  await writeFile(join(setup, DONE), "");
}

/** Copies the saved files back into the tree, except dependency folders, which are linked. */
export async function restoreSetup(setup: string, dir: string): Promise<void> {
  await cp(setup, dir, {
    recursive: true,
    verbatimSymlinks: true,
    filter: (from) => basename(from) !== "node_modules" && basename(from) !== DONE,
  });
}

/** The topmost paths that contain nothing tracked. */
async function untracked(dir: string, tracked: ReadonlySet<string>): Promise<string[]> {
  const folders = new Set<string>();
  for (const file of tracked) {
    for (let at = dirname(file); at !== "."; at = dirname(at)) folders.add(at);
  }
  const visit = async (at: string): Promise<string[]> => {
    const entries = await readdir(join(dir, at), { withFileTypes: true });
    const found = await Promise.all(
      entries.map(async (entry) => {
        const path = at === "" ? entry.name : `${at}/${entry.name}`;
        if (path === ".git" || tracked.has(path)) return [];
        return entry.isDirectory() && folders.has(path) ? visit(path) : [path];
      }),
    );
    return found.flat();
  };
  return visit("");
}
