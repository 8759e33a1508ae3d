import { posix } from "node:path";

/** Code whose references are followed. */
export const CODE = /\.(?:[cm]?[jt]sx?|py|exs?|rb|php|vue|svelte)$/;
/** Endings that an import may leave out. */
const ENDINGS =
  ".js .ts .mjs .cjs .mts .cts .jsx .tsx .json .py .rb .exs /index.js /index.ts /index.mjs /index.cjs /__init__.py /__main__.py".split(
    " ",
  );

/** Finds files of the repository by what a text calls them. */
export interface FileFinder {
  /** The file that a path names from a folder; null: none. */
  from(folder: string, path: string): string | null;
  /** The files below a folder with this base name. */
  named(folder: string, name: string): readonly string[];
}

/** Makes the finder of a repository's tracked files. */
export function createFileFinder(tracked: readonly string[]): FileFinder {
  const known = new Set(tracked);
  const byName = new Map<string, string[]>();
  for (const file of tracked) {
    const name = posix.basename(file);
    byName.set(name, [...(byName.get(name) ?? []), file]);
  }
  return {
    from(folder, path) {
      const target = posix.join(folder === "" ? "." : folder, path).replace(/\/$/, "");
      // TypeScript ES modules import the name of the built file: `./a.js` is a.ts.
      const bare = target.replace(/\.([cm]?)jsx?$/, "");
      const candidates = [
        target,
        ...ENDINGS.map((end) => target + end),
        ...[".ts", ".tsx", ".mts"].map((e) => bare + e),
      ];
      return candidates.find((candidate) => known.has(candidate)) ?? null;
    },
    named: (folder, name) =>
      (byName.get(name) ?? []).filter((file) => folder === "" || folder === "." || file.startsWith(`${folder}/`)),
  };
}

const LITERAL = /(["'`])((?:\\.|(?!\1)[^\\\n]){1,300})\1/g;
const PYTHON_IMPORT = /^\s*(?:from\s+([.\w]+)\s+import\s+([\w, ()*]+)|import\s+([\w., ]+))/gm;

/**
 * The files of the repository that a source file imports, or names in a string literal, relative to itself or to
 * `root`.
 */
export function referencesOf(file: string, text: string, root: string, finder: FileFinder): string[] {
  const folder = posix.dirname(file);
  const found = new Set<string>();
  const add = (one: string | null) => {
    if (one !== null && one !== file) found.add(one);
  };
  for (const [, , literal = ""] of text.matchAll(LITERAL))
    for (const word of literal.split(/[\s=,;]+/)) if (/[./]/.test(word)) for (const one of literalFiles(word)) add(one);
  if (file.endsWith(".py")) for (const path of pythonModules(text)) add(moduleFile(path));
  return [...found];

  function literalFiles(word: string): string[] {
    const path = word.replace(/^file:\/\//, "").replace(/^\$\{[^}]*\}\/?/, "");
    if (path === "" || path.startsWith("/")) return [];
    const direct = finder.from(folder, path) ?? finder.from(root, path);
    if (direct !== null) return [direct];
    // `join(here, "lib", "check.mjs")` names the file alone.
    return /^[\w-]+(?:\.[\w-]+)+$/.test(path) ? [...finder.named(folder, path)].slice(0, 3) : [];
  }

  function moduleFile(module: string): string | null {
    const dots = /^\.*/.exec(module)?.[0].length ?? 0;
    const path = module.slice(dots).replaceAll(".", "/");
    const start = dots > 1 ? posix.join(folder, ...Array.from({ length: dots - 1 }, () => "..")) : folder;
    if (path === "") return null;
    return (
      finder.from(start, path) ??
      (dots > 0 ? null : (finder.from(root, path) ?? finder.from(posix.join(root, "src"), path)))
    );
  }
}

function pythonModules(text: string): string[] {
  return [...text.matchAll(PYTHON_IMPORT)].flatMap(([, from, names = "", plain = ""]) => {
    if (from === undefined) return plain.split(",").map((name) => name.trim().split(/\s/)[0] ?? "");
    const inside = names.split(/[,()]/).map((name) => name.trim().split(/\s/)[0] ?? "");
    return [
      from,
      ...inside.filter((name) => /^\w+$/.test(name)).map((n) => (from.endsWith(".") ? from + n : `${from}.${n}`)),
    ];
  });
}
