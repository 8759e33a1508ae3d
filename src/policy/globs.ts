/**
 * The parts of a path, in lower case and NFKC form. Otherwise a path could bypass a rule on a file system that ignores
 * case.
 */
export function segmentsOf(path: string): string[] {
  return path.normalize("NFKC").toLowerCase().split("/");
}

/**
 * Whether a glob of the configuration matches: `*` inside a folder, `**` across folders, `?` one character. Globs match
 * dot-files too.
 */
export function matchesGlob(glob: string, path: string): boolean {
  const source = segmentsOf(glob)
    .join("/")
    .replace(/^\.?\//, "")
    .replace(/\/$/, "/**")
    .replace(/\*\*\/|\*\*|\*|\?|[^\w/]/g, (part) => GLOB_PARTS[part] ?? `\\${part}`);
  return new RegExp(`^${source}$`, "su").test(segmentsOf(path).join("/"));
}

const GLOB_PARTS: Readonly<Record<string, string>> = { "**/": "(?:.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]" };
