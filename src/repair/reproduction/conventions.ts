import { parseSource } from "../../syntax/source.ts";
import { isTestPath } from "../../tools/tests/testCommand.ts";
import type { Tree } from "../candidate.ts";
import { type CodeStyle, styleOf } from "../javascript/codeStyle.ts";
import { isModulePackage } from "./moduleFormat.ts";
import { type Framework, frameworkOf } from "./testFramework.ts";

/** Where a regression test is stored and how it is written, following the existing tests. */
export interface Conventions {
  framework: Framework;
  /** Folder of the new test, "" for the top. */
  folder: string;
  /** What follows the behaviour in the file name: `.test.js`, `-spec.ts`, `.js`. */
  suffix: string;
  module: "esm" | "cjs";
  /** Whether the test is TypeScript. */
  isTyped: boolean;
  style: Pick<CodeStyle, "quote" | "semicolons" | "indent">;
  /** How imports of source files end: the file's own extension, no extension, or `.js` for a TypeScript file. */
  endings: "whole" | "none" | "js";
  /** The function that declares a test: `it` or `test`. */
  word: "it" | "test";
}

/** An existing test file. */
interface Sample {
  path: string;
  text: string;
}

const MAX_SAMPLES = 12;
const NAME = /^(.+?)((?:[._-](?:test|tests|spec))?\.([cm]?[jt]s)x?)$/;
const IS_TEST = /\b(?:it|test|t\.test|describe|suite|deepEqual|expect)\b/;

/** Infers the conventions from the tests nearest to the crashed file, or from the file itself when there are none. */
export async function conventionsFor(source: string, tree: Tree): Promise<Conventions> {
  const samples = await samplesFor(source, tree);
  const framework = await frameworkOf(
    source,
    samples.map(({ text }) => text),
    tree,
  );
  const [nearest] = samples;
  if (nearest === undefined) return withoutSamples(source, framework, tree);
  const [, , suffix = ".test.js", kind = "js"] = NAME.exec(nameOf(nearest.path)) ?? [];
  const isTyped = kind.endsWith("ts");
  const esm = isTyped || /^\s*import\s/m.test(nearest.text) || (await isModulePackage(nearest.path, tree));
  const own = samples.find(({ path }) => stemOf(path) === stemOf(source));
  return {
    framework,
    folder: own === undefined ? folderLike(nearest.path, source) : folderOf(own.path),
    suffix,
    module: kind.startsWith("c") ? "cjs" : kind.startsWith("m") || esm ? "esm" : "cjs",
    isTyped,
    style: styleIn(nearest),
    endings: endingsIn(samples),
    word:
      (nearest.text.match(/^\s*it\(/gm)?.length ?? 0) > (nearest.text.match(/^\s*test\(/gm)?.length ?? 0)
        ? "it"
        : "test",
  };
}

/**
 * Up to MAX_SAMPLES tests: tests of the file itself first, then those whose folders have most names in common with it.
 */
async function samplesFor(source: string, tree: Tree): Promise<Sample[]> {
  const paths = (await tree.files())
    .filter(
      (path) =>
        isTestPath(path) &&
        NAME.test(nameOf(path)) &&
        !/(?:^|\/)(?:fixtures?|helpers?|__mocks__|support|utils?)\//.test(path),
    )
    .map((path) => ({ path, score: nearness(path, source) }))
    .sort((a, b) => b.score - a.score || a.path.localeCompare(b.path))
    .slice(0, MAX_SAMPLES);
  const texts = await Promise.all(
    paths.map(async ({ path }) => ({ path, text: await tree.read(path).catch(() => "") })),
  );
  return texts.filter(({ text }) => IS_TEST.test(text));
}

function nearness(path: string, source: string): number {
  const words = new Set(folderOf(source).split("/"));
  const shared = folderOf(path)
    .split("/")
    .filter((part) => words.has(part)).length;
  const marked = /[._-](?:test|spec)\./.test(path) ? 0.5 : 0;
  return shared + marked + (stemOf(path) === stemOf(source) ? 100 : 0);
}

/** The new test's folder: beside the source, in a `__tests__` folder beside it, or the existing tests' top folder. */
function folderLike(test: string, source: string): string {
  const folder = folderOf(test);
  const parts = folder.split("/");
  const at = parts.findIndex((part) => /^(?:tests?|__tests__|specs?)$/.test(part));
  if (at === -1) return folderOf(source);
  if (parts[at] === "__tests__") return [...folderOf(source).split("/").filter(Boolean), "__tests__"].join("/");
  return parts.slice(0, at + 1).join("/");
}

async function withoutSamples(source: string, framework: Framework, tree: Tree): Promise<Conventions> {
  const kind = /\.([cm]?[jt]s)x?$/.exec(source)?.[1] ?? "js";
  const isModule =
    kind.startsWith("m") || kind.endsWith("ts") || (kind === "js" && (await isModulePackage(source, tree)));
  return {
    framework,
    folder: "test",
    suffix: `.test.${kind}`,
    module: isModule && !kind.startsWith("c") ? "esm" : "cjs",
    isTyped: kind.endsWith("ts"),
    style: styleIn({ path: source, text: await tree.read(source).catch(() => "") }),
    endings: kind.endsWith("ts") ? "none" : "whole",
    word: framework.name === "mocha" ? "it" : "test",
  };
}

function styleIn({ path, text }: Sample): Conventions["style"] {
  const source = parseSource(path, text);
  if (source === null) return { quote: '"', semicolons: true, indent: "  " };
  const { quote, semicolons, indent } = styleOf(source, { optionalChaining: true });
  return { quote, semicolons, indent };
}

function endingsIn(samples: readonly Sample[]): Conventions["endings"] {
  const names = samples.flatMap(({ text }) => [...text.matchAll(/(?:from|require\()\s*["'](\.[^"']*)["']/g)]);
  const typed = samples.some(({ path }) => /\.[cm]?tsx?$/.test(path));
  if (names.some(([, name = ""]) => /\.[cm]?tsx?$/.test(name))) return "whole";
  if (names.some(([, name = ""]) => /\.[cm]?jsx?$/.test(name))) return typed ? "js" : "whole";
  return names.length === 0 ? "whole" : "none";
}

/** The common name of a file and its tests: `cart` for `src/cart.js`, `test/cart.test.js` and `test/cart_test.ts`. */
function stemOf(path: string): string {
  return nameOf(path)
    .replace(/\..*$/, "")
    .replace(/[._-](?:test|tests|spec)$/, "");
}

export function folderOf(path: string): string {
  return path.includes("/") ? path.slice(0, path.lastIndexOf("/")) : "";
}

export function nameOf(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}
