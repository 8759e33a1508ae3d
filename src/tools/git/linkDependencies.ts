import { lstat, mkdir, readdir, readlink, realpath, symlink } from "node:fs/promises";
import { dirname, isAbsolute, join, relative, resolve } from "node:path";

/** How deep below the repository dependency folders are searched. */
const MAX_DEPTH = 4;

/** Caches in node_modules. They are never linked, so that tools create their own in the working tree. */
const CACHES = new Set([".cache", ".vite", ".vite-temp", ".vitest", ".tmp"]);

/** A host folder that a sandbox binds read-only at a path. */
export interface Bind {
  at: string;
  from: string;
}

/**
 * node_modules folders below `root` as repository-relative paths, shallowest first. Other dependency folders (`deps`,
 * `_build`, `.venv`, `vendor`) are not provided; a setup command installs those.
 */
async function findDependencies(root: string): Promise<string[]> {
  const found: string[] = [];
  const visit = async (at: string, depth: number): Promise<void> => {
    const entries = await readdir(join(root, at), { withFileTypes: true }).catch(() => []);
    for (const entry of entries) {
      const path = at === "" ? entry.name : `${at}/${entry.name}`;
      if (entry.name === "node_modules") {
        if (entry.isDirectory() || (entry.isSymbolicLink() && (await isFolder(join(root, path))))) found.push(path);
      } else if (entry.isDirectory() && !entry.name.startsWith(".") && depth < MAX_DEPTH) await visit(path, depth + 1);
    }
  };
  await visit("", 0);
  return found.sort((a, b) => a.split("/").length - b.split("/").length || (a < b ? -1 : 1));
}

async function isFolder(path: string): Promise<boolean> {
  const real = await realpath(path).catch(() => null);
  return real !== null && (await lstat(real)).isDirectory();
}

/**
 * Provides the node_modules folders of `root` in the working tree `dir`. Each becomes a real folder with one link per
 * package, so that tools can write caches into it. The links lead to `deps`. On the host, `deps` is a link to the
 * original; inside a sandbox, it is the original bound read-only. `deps` keeps the repository's layout and the name
 * node_modules, because Node searches for a package's own dependencies upwards from its real path.
 */
export async function linkDependencies(options: {
  root: string;
  dir: string;
  deps: string;
  tracked: ReadonlySet<string>;
}): Promise<void> {
  const { root, dir, deps, tracked } = options;
  for (const path of await findDependencies(root)) {
    const parent = dirname(path);
    // What the repository itself tracks there (files, or a link) is checked out, and is not replaced.
    if (tracked.has(path) || [...tracked].some((file) => file.startsWith(`${path}/`))) continue;
    if (!(await isRealFolder(dir, parent))) continue;
    const original = await realpath(join(root, path));
    await mkdir(join(deps, parent), { recursive: true });
    await symlink(original, join(deps, path));
    await linkPackages({ original, root: await realpath(root), dir, to: join(dir, path), via: join(deps, path) });
  }
}

/** Whether a folder of the tree is there, and no part of its path is a link. */
async function isRealFolder(dir: string, path: string): Promise<boolean> {
  const real = await realpath(join(dir, path)).catch(() => null);
  return real === join(await realpath(dir), path);
}

interface PackageLinks {
  original: string;
  root: string;
  dir: string;
  to: string;
  via: string;
}

async function linkPackages(links: PackageLinks): Promise<void> {
  await mkdir(links.to, { recursive: true });
  for (const entry of await readdir(links.original, { withFileTypes: true })) {
    if (CACHES.has(entry.name)) continue;
    const next = {
      ...links,
      original: join(links.original, entry.name),
      to: join(links.to, entry.name),
      via: join(links.via, entry.name),
    };
    if (entry.isDirectory() && entry.name.startsWith("@")) await linkPackages(next);
    else await symlink(entry.isSymbolicLink() ? await targetOf(next) : next.via, next.to);
  }
}

/**
 * The target of a linked package. A package of the repository itself (an npm workspace) must be the working tree's,
 * with the patch.
 */
async function targetOf(links: PackageLinks): Promise<string> {
  // Uses the text of the link, because the setup command's files are stored apart from the packages that they link to.
  const inside = relative(links.root, resolve(dirname(links.original), await readlink(links.original)));
  const own = !inside.startsWith("..") && !isAbsolute(inside) && !inside.split("/").includes("node_modules");
  return own ? relative(dirname(links.to), join(links.dir, inside)) : links.via;
}

/** The links below `deps`, as binds for a sandbox. */
export async function dependencyBinds(deps: string): Promise<Bind[]> {
  const entries = await readdir(deps, { withFileTypes: true }).catch(() => []);
  const binds = await Promise.all(
    entries.map(async (entry): Promise<Bind[]> => {
      const at = join(deps, entry.name);
      if (entry.isSymbolicLink()) return [{ at, from: await readlink(at) }];
      return entry.isDirectory() ? dependencyBinds(at) : [];
    }),
  );
  return binds.flat();
}
