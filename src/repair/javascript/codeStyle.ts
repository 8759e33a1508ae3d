import type { Source } from "../../syntax/source.ts";
import type { Tree } from "../candidate.ts";

/** The style of a file, as far as a repair must follow it. */
export interface CodeStyle {
  semicolons: boolean;
  quote: "'" | '"';
  /** One indentation step. */
  indent: string;
  /**
   * Whether `?.` may be used: the file uses it, or the project's language level allows it and the file uses `const` and
   * `let`.
   */
  optionalChaining: boolean;
  /** Whether the file itself uses `?.`. */
  usesOptionalChaining: boolean;
  /** Whether `??` may be used. */
  nullish: boolean;
  /** `const`/`let` rather than `var`. */
  blockScoped: boolean;
  /** Whether single-statement bodies are in braces. */
  braces: boolean;
  /** Line ending of the file. */
  eol: "\n" | "\r\n";
}

/** The language level of the repository: `engines.node` of package.json, or what other files use. */
export interface LanguageLevel {
  optionalChaining: boolean;
}

/**
 * The level from package.json, or else from up to 12 files in the folder. Node 14 was the first version with `?.`.
 * TypeScript always has it.
 */
export async function levelOf(tree: Tree, path: string, files: readonly string[]): Promise<LanguageLevel> {
  if (/\.[cm]?tsx?$/.test(path)) return { optionalChaining: true };
  const lowest = await lowestNode(tree, path, files);
  if (lowest !== null) return { optionalChaining: lowest >= 14 };
  const folder = path.slice(0, path.lastIndexOf("/") + 1);
  const near = files.filter((f) => f !== path && f.startsWith(folder) && /\.[cm]?jsx?$/.test(f)).slice(0, 12);
  for (const file of near) {
    if (/\w\?\.\w/.test(await readOr(tree, file, ""))) return { optionalChaining: true };
  }
  return { optionalChaining: false };
}

/** Infers the style of a file from counts in its text. */
export function styleOf(source: Source, level: LanguageLevel): CodeStyle {
  const text = source.text;
  const usesOptionalChaining = /[\w)\]]\?\.[\w[(]/.test(text);
  const blockScoped = count(text, /^\s*(?:const|let) /gm) >= count(text, /^\s*var /gm);
  const optionalChaining = usesOptionalChaining || (level.optionalChaining && blockScoped);
  return {
    semicolons: count(text, /;[ \t]*$/gm) * 2 >= count(text, /[\w)\]'"`][ \t]*$/gm),
    quote: count(text, /"/g) > count(text, /'/g) ? '"' : "'",
    indent: indentOf(text),
    optionalChaining,
    usesOptionalChaining,
    nullish: /[\w)\]] \?\? /.test(text) || (optionalChaining && !/\|\| (?:\[\]|\{\}|''|"")/.test(text)),
    blockScoped,
    braces:
      count(text, /^\s*(?:if|for|while) \(.*\) [^{\s].*$/gm) <= count(text, /^\s*(?:if|for|while) ?\(.*\) \{\s*$/gm),
    eol: text.includes("\r\n") ? "\r\n" : "\n",
  };
}

function indentOf(text: string): string {
  const steps = [...text.matchAll(/[{([]\r?\n(?<indent>[ \t]+)\S/g)].map((m) => m.groups?.indent ?? "");
  if (steps.some((s) => s.startsWith("\t"))) return "\t";
  const widths = steps.map((s) => s.length).filter((w) => w > 1);
  return " ".repeat(widths.length === 0 ? 2 : Math.min(...widths, 8));
}

async function lowestNode(tree: Tree, path: string, files: readonly string[]): Promise<number | null> {
  const manifests = files.filter(
    (f) => /(?:^|\/)package\.json$/.test(f) && path.startsWith(f.slice(0, -"package.json".length)),
  );
  for (const manifest of manifests.sort((a, b) => b.length - a.length)) {
    const versions = /"engines"\s*:\s*\{[^}]*"node"\s*:\s*"([^"]*)"/.exec(await readOr(tree, manifest, ""))?.[1];
    const majors = [...(versions ?? "").matchAll(/(\d+)(?:\.[\dx*]+)*/g)].map((m) => Number(m[1]));
    if (majors.length > 0) return Math.min(...majors);
  }
  return null;
}

async function readOr(tree: Tree, path: string, otherwise: string): Promise<string> {
  try {
    return await tree.read(path);
  } catch {
    return otherwise;
  }
}

function count(text: string, pattern: RegExp): number {
  return text.match(pattern)?.length ?? 0;
}
