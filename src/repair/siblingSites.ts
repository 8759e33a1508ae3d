import type { Candidate, Tree } from "./candidate.ts";

/** How many sites are reported. */
const MAX_SITES = 8;
/** How many files are searched. */
const MAX_FILES = 600;

/**
 * Other places that do what crashed without a guard, as `file:line`. They are reported to people and never changed. The
 * search is by text: the last two names of the crashing read (`.value.type`), or the borrowed method.
 */
export async function siblingSites(candidate: Candidate, tree: Tree): Promise<string[]> {
  const pattern = patternOf(candidate.crashed);
  if (pattern === null) return [];
  const files = (await tree.files()).filter((f) => /\.[cm]?[jt]sx?$/.test(f) && !/\.(?:min|d)\.[jt]s$/.test(f));
  const own = new Set(candidate.edits.map((e) => e.path));
  const sites: string[] = [];
  // The edited files come first.
  const ordered = [...files.filter((f) => own.has(f)), ...files.filter((f) => !own.has(f))].slice(0, MAX_FILES);
  for (const file of ordered) {
    if (sites.length >= MAX_SITES) break;
    const text = await tree.read(file).catch(() => "");
    if (text.length < 500_000 && pattern.test(text)) sites.push(...sitesIn(file, text, pattern, candidate));
  }
  return sites.slice(0, MAX_SITES);
}

function sitesIn(file: string, text: string, pattern: RegExp, candidate: Candidate): string[] {
  const lines = text.split("\n");
  return lines.flatMap((line, index) => {
    const match = pattern.exec(line);
    const isOwn = candidate.place?.file === file && candidate.place.line === index + 1;
    if (match === null || isOwn || /^\s*(?:\/\/|\*)/.test(line)) return [];
    const before = lines.slice(Math.max(0, index - 2), index + 1).join("\n");
    return isGuarded(before, match[1] ?? "") ? [] : [`${file}:${index + 1}`];
  });
}

/** Whether the preceding lines check the value: `x.value &&`, `!x.value`, `x.value ?`, `if (x.value)`. */
function isGuarded(text: string, value: string): boolean {
  if (value === "") return false;
  const escaped = value.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
  return new RegExp(
    `(?:!${escaped}(?![\\w$.])|${escaped}\\)?\\s*(?:&&|\\?|\\|\\||[!=]==? ?(?:null|undefined))|\\(${escaped}\\))`,
  ).test(text);
}

function patternOf(crashed: string | undefined): RegExp | null {
  const method = /\.(hasOwnProperty|propertyIsEnumerable)$/.exec(crashed ?? "")?.[1];
  if (method !== undefined) return new RegExp(`(?<!prototype|Object)\\.(${method})\\(`);
  const names = /\.([\w$]+)\.([\w$]+)$/.exec(crashed ?? "");
  if (names === null) return null;
  const [, owner = "", member = ""] = names.map((n) => n.replaceAll("$", "\\$"));
  return new RegExp(`(?<![\\w$])((?:[\\w$]+\\.)+${owner})\\.${member}(?![\\w$])`);
}
