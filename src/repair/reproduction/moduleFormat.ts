import type { Tree } from "../candidate.ts";

/** How a JavaScript file is loaded; null when it exports nothing. */
export async function moduleKindOf(file: string, text: string, tree: Tree): Promise<"esm" | "cjs" | null> {
  const esm = /^\s*export\b/m.test(text);
  const cjs = /\bexports\b/.test(text);
  if (/\.m[jt]s$/.test(file)) return esm ? "esm" : null;
  if (/\.c[jt]s$/.test(file)) return cjs ? "cjs" : null;
  if (await isModulePackage(file, tree)) return esm ? "esm" : null;
  return cjs ? "cjs" : null;
}

/** Whether the file's package has `"type": "module"`. */
export async function isModulePackage(file: string, tree: Tree): Promise<boolean> {
  const manifest = await manifestOf(file, tree);
  return manifest?.type === "module";
}

interface Manifest {
  type?: unknown;
  scripts?: Record<string, unknown>;
  dependencies?: Record<string, unknown>;
  devDependencies?: Record<string, unknown>;
}

/** The nearest package.json above a file; null when there is none, or when that one cannot be parsed. */
export async function manifestOf(file: string, tree: Tree): Promise<Manifest | null> {
  const files = new Set(await tree.files());
  for (let dir = file; dir !== ""; ) {
    dir = dir.includes("/") ? dir.slice(0, dir.lastIndexOf("/")) : "";
    const path = dir === "" ? "package.json" : `${dir}/package.json`;
    if (!files.has(path)) continue;
    try {
      const read: unknown = JSON.parse(await tree.read(path));
      if (typeof read === "object" && read !== null) return read;
    } catch {
      return null;
    }
  }
  return null;
}
