/** A stack frame as a program printed it. */
export interface PrintedFrame {
  file: string;
  function: string | null;
}

const PLACE_IN_PARENTHESES = /^(.*) \((.+?):\d+(?::\d+)?\)$/;
/** tap prints paths relative to the project, without `at`. */
const FROM_PROJECT = /^[\w@.-]+(?:\/[\w@.-]+)*\.[cm]?[jt]sx?$/;
const PLACE = /^(\S+?):\d+:\d+$/;
const NAMED_PLACE = /^(\S.*) (\S+?):\d+:\d+$/;
const ELIXIR = /^(?:\([\w.]+ [^)]*\) )?([\w./-]+\.exs?):\d+: (\S.*)$/;
const PYTHON = /^File "([^"]+)", line \d+(?:, in (.+))?$/;

/**
 * Parses one line of a stack: V8 (`at total (/app/cart.js:3:9)`), vitest (`❯ total src/cart.js:3:9`), node:test's TAP
 * (`total (file:///app/cart.js:3:9)`), tap (`total (cart.js:3:9)`), Elixir (`(shop 0.1.0) lib/cart.ex:3:
 * Cart.total/1`), Python (`File "cart.py", line 3, in total`). null for other lines.
 */
export function parseFrame(line: string): PrintedFrame | null {
  const text = line.trim();
  const marked = /^(?:at|❯|›) (.+)$/.exec(text)?.[1];
  const rest = (marked ?? text).replace(/^async /, "");
  const inParentheses = PLACE_IN_PARENTHESES.exec(rest);
  if (
    inParentheses?.[2] !== undefined &&
    (marked !== undefined || /^(?:file:|\/|[A-Za-z]:\\)/.test(inParentheses[2]) || isFromProject(inParentheses))
  ) {
    return frame(inParentheses[2], inParentheses[1]);
  }
  const bare = marked !== undefined || rest.startsWith("file://") ? PLACE.exec(rest) : null;
  if (bare?.[1] !== undefined) return frame(bare[1], undefined);
  const named = marked === undefined ? null : NAMED_PLACE.exec(rest);
  if (named?.[2] !== undefined) return frame(named[2], named[1]);
  const elixir = ELIXIR.exec(text);
  if (elixir?.[1] !== undefined) return frame(elixir[1], elixir[2]);
  const python = PYTHON.exec(text);
  if (python?.[1] !== undefined) return frame(python[1], python[2]);
  return null;
}

function isFromProject([, name = "", file = ""]: readonly string[]): boolean {
  return FROM_PROJECT.test(file) && /^(?:async |new )?[\w$.<>]+(?: \[as [\w$]+\])?$/.test(name);
}

/** `line:column` of a frame, if both are printed. */
export function positionOf(line: string): string | undefined {
  return /:(\d+:\d+)\)?$/.exec(line.trim())?.[1];
}

function frame(file: string, name: string | undefined): PrintedFrame {
  return { file, function: functionName(name) };
}

/** The unqualified name of a function; null for an anonymous one. */
export function functionName(shown: string | undefined): string | null {
  if (shown === undefined) return null;
  const plain = shown
    .replace(/ \[as [^\]]*\]$/, "")
    .replace(/^(?:async |new )+/, "")
    .replace(/\/\d+$/, "");
  const name = plain.split(/[.#]/).at(-1)?.trim() ?? "";
  return name === "" || name === "?" || /[<>\s]/.test(name) ? null : name;
}

/**
 * The repository file that a printed path means, by the longest matching suffix. null for third-party code and
 * ambiguous paths.
 */
export function repositoryFile(file: string, repoFiles: readonly string[]): string | null {
  const path = plainPath(file);
  if (path === null) return null;
  if (!path.startsWith("/") && !repoFiles.includes(path)) {
    // The path may be relative to a folder of the repository, such as a package of a monorepo.
    const longer = repoFiles.filter((candidate) => candidate.endsWith(`/${path}`));
    if (longer.length > 0) return longer.length === 1 ? (longer[0] ?? null) : null;
  }
  let best: string | null = null;
  for (const candidate of repoFiles) {
    if (path !== candidate && !path.endsWith(`/${candidate}`)) continue;
    if (best === null || candidate.length > best.length) best = candidate;
  }
  return best;
}

function plainPath(file: string): string | null {
  if (/^(?:node|internal|webpack|native):/.test(file) || file.includes("node_modules/")) return null;
  const path = file
    .replace(/^file:\/\//, "")
    .replace(/[?#].*$/, "")
    .replaceAll("\\", "/")
    .replace(/^(?:\.\/)+/, "");
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}
