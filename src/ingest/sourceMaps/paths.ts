import { posix } from "node:path";

/**
 * The path of a source in its repository, as far as a map reveals it: `webpack:///./src/x.ts`, `../src/x.ts` and
 * `/home/ci/build/src/x.ts` all end in `src/x.ts`. `builtFile` is the path of the built file in the upload; relative
 * sources are relative to it.
 */
export function sourcePath(source: string, builtFile: string): string {
  const given = source.replaceAll("\\", "/").replace(/[?#].{0,500}$/s, "");
  const scheme = /^([a-z][a-z0-9+.-]{0,30}):\/\/[^/]{0,200}\//i.exec(given);
  const isFile = scheme?.[1]?.toLowerCase() === "file";
  const bare = (scheme === null ? given : given.slice(scheme[0].length)).replace(/^\[[\w-]{1,40}\]\//, "");
  if (isFile || given.startsWith("/")) return posix.normalize(`/${bare}`);
  const inBuild = scheme === null ? posix.join(posix.dirname(builtFile), bare) : posix.normalize(bare);
  return inBuild.replace(/^(?:\.\.?\/)+/, "");
}

/** The segments of a path or URL; null if it is empty or leads out of its folder. */
export function segmentsOf(file: string): string[] | null {
  const path = file
    .slice(0, 1024)
    .replace(/^[a-z][a-z0-9+.-]{0,30}:\/\/[^/]{0,300}/i, "")
    .replace(/[?#].{0,1024}$/s, "")
    .replaceAll("\\", "/");
  const segments = path.split("/").filter((part) => part !== "" && part !== ".");
  return segments.length === 0 || segments.includes("..") || path.includes("\0") ? null : segments;
}

/**
 * Finds the built file that a frame is in, among the files that have a map: the longest file whose whole path ends the
 * frame's path, otherwise the only file of that name. Null if that is ambiguous, because a wrong map gives wrong lines.
 */
export function builtFileOf<T extends { file: string }>(frameFile: string, candidates: readonly T[]): T | null {
  const segments = segmentsOf(frameFile);
  const name = segments?.at(-1);
  if (segments === null || name === undefined) return null;
  const named = candidates.filter(({ file }) => file === name || file.endsWith(`/${name}`));
  const path = `/${segments.join("/")}`;
  const whole = named.filter(({ file }) => path.endsWith(`/${file}`)).sort((a, b) => b.file.length - a.file.length);
  return whole[0] ?? (named.length === 1 ? (named[0] ?? null) : null);
}
