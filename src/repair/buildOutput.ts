import type { Place, Tree } from "./candidate.ts";

const BUILD_OUTPUT = /^(?:dist|build|out|lib|es|cjs|esm)\//;

/** The tracked source (`src/a.ts`) of a build output (`dist/a.js`); null when there is none. */
export function sourceOf(file: string, tracked: readonly string[]): string | null {
  if (!BUILD_OUTPUT.test(file)) return null;
  const inner = file.replace(BUILD_OUTPUT, "").replace(/^(?:cjs|esm|es|node|browser)\//, "");
  const stem = inner.replace(/\.[cm]?jsx?$/, "");
  const wanted = ["ts", "tsx", "mts", "cts", "js", "jsx", "mjs", "cjs"].map((e) => `src/${stem}.${e}`);
  return tracked.find((t) => t !== file && wanted.includes(t)) ?? null;
}

/**
 * Maps places in tracked build outputs (`dist/a.js`) to the source file (`src/a.ts`). The service builds before it
 * runs, so the next build would overwrite a change of the output. The line is found by its trimmed text, which must be
 * at least 8 characters long and occur once in the source. A place without such a line stays as it is.
 */
export async function sourcePlaces(places: readonly Place[], tree: Tree): Promise<Place[]> {
  const tracked = await tree.files();
  return Promise.all(
    places.map(async (place) => {
      const source = sourceOf(place.file, tracked);
      if (source === null) return place;
      const wanted = (await tree.read(place.file)).split("\n")[place.line - 1]?.trim() ?? "";
      const lines = (await tree.read(source)).split("\n").map((l) => l.trim());
      const at = lines.indexOf(wanted);
      if (wanted.length < 8 || at === -1 || lines.lastIndexOf(wanted) !== at) return place;
      return { ...place, file: source, line: at + 1, column: undefined };
    }),
  );
}
