import { posix } from "node:path";
import type { CapturedEvent } from "../../../domain/event.ts";
import { revealed } from "../../../domain/plainText.ts";
import type { Workspace } from "../../../domain/ports/workspace.ts";
import type { RegressionTest } from "../../../domain/reproduction.ts";
import { codeHits } from "../../../policy/codeRules.ts";
import { isSecretFile } from "../../../policy/editablePaths.ts";
import { isTestPath } from "../../../policy/testPaths.ts";
import { repairTarget } from "../../../repair/frames.ts";
import { alternatives, freePath, inRoot } from "../../../repair/reproduction/callTests.ts";
import { type Conventions, conventionsFor, folderOf, nameOf } from "../../../repair/reproduction/conventions.ts";
import { manifestOf } from "../../../repair/reproduction/moduleFormat.ts";
import { fileOf, specifier } from "../../../repair/reproduction/renderTest.ts";
import { commandFor } from "../../../repair/reproduction/testFramework.ts";
import { testTitleOf } from "../../../repair/reproduction/testTitle.ts";
import { parseSource } from "../../../syntax/source.ts";
import { importsOf, isOneTest } from "./testFileShape.ts";

/** The part of a test that a model writes: never its path, title, framework or form. */
export interface TestDraft {
  /** One import or require per entry. */
  imports: readonly string[];
  body: string;
}

/** The test file that a draft is put into. */
export interface TestFrame {
  conventions: Conventions;
  path: string;
  title: string;
  command: string;
  /** The crashing file; `specifier` is the same file as the test imports it. */
  source: string;
  specifier: string;
  /** The frames of the crash in the repository, newest first. */
  places: { file: string; line: number }[];
  /** Dependencies of the project. */
  packages: ReadonlySet<string>;
}

/** Possible test files for this crash, best first. Empty: no test can be written for it. */
export async function testFramesFor(event: CapturedEvent, workspace: Workspace): Promise<TestFrame[]> {
  const files = await workspace.files();
  const { exception, places } = repairTarget(
    event,
    files.filter((file) => !isTestPath(file)),
  );
  const [place] = places;
  if (place === undefined || !/\.[cm]?[jt]sx?$/.test(place.file)) return [];
  const tree = { files: async () => files, read: (path: string) => workspace.read(path) };
  const root = workspace.service.root.replace(/^\.\/?/, "").replace(/\/$/, "");
  const { title, slug } = await testTitleOf(exception, place, null, tree);
  const manifest = await manifestOf(place.file, tree);
  const packages = new Set(Object.keys({ ...manifest?.dependencies, ...manifest?.devDependencies }));
  return alternatives(await conventionsFor(place.file, tree), root).map((conventions) => {
    const path = freePath(conventions, place.file, slug, new Set(files));
    const command = commandFor(conventions.framework, inRoot(path, root));
    const own = specifier(path, place.file, conventions);
    return { conventions, path, title, command, source: place.file, specifier: own, places, packages };
  });
}

/** The draft as a whole test. A model made its input up, so its origin is `constructed`, whatever the model says. */
export function testFrom(frame: TestFrame, draft: TestDraft, by: string): RegressionTest {
  const { path, title, command } = frame;
  const content = contentOf(frame, draft);
  return { kind: "modelTest", origin: "constructed", path, title, content, command, recipe: null, by };
}

const BODY = "\u0001";

function contentOf({ conventions, title }: TestFrame, { imports, body }: TestDraft): string {
  const { framework, style } = conventions;
  // ava and tap count a test without an assertion as failed.
  const asks = framework.assertions !== "t" || /\bt\./.test(body);
  const lines = [...unindented(body), ...(asks ? [] : ["t.pass()"])];
  const isAsync = /\bawait\b/.test(body) || framework.name === "tap";
  const heads = imports.map((line) => line.trim().replace(/;$/, ""));
  const file = fileOf({ conventions, title }, { imports: heads, body: [BODY], isAsync });
  const inner = lines.map((line) => (line === "" ? "" : style.indent + line)).join("\n");
  return file.replace(new RegExp(`^[ \\t]*${BODY};?$`, "m"), () => inner);
}

function unindented(body: string): string[] {
  const lines = body
    .replaceAll("\r", "")
    .split("\n")
    .map((line) => line.trimEnd());
  while (lines[0] === "") lines.shift();
  while (lines.at(-1) === "") lines.pop();
  const margins = lines.filter((line) => line !== "").map((line) => line.length - line.trimStart().length);
  const margin = Math.min(...margins, 100);
  return lines.map((line) => line.slice(margin));
}

/** Patterns that no test of a crash needs, or that could make a test look as if it had crashed. */
const FORBIDDEN: readonly (readonly [rule: string, pattern: RegExp, what: string])[] = [
  ["throwsItself", /\bthrow\b|\bfail\s*\(/, "it fails by its own word; let the code throw"],
  ["stackTouched", /\bstack\b|prepareStackTrace|captureStackTrace/i, "it touches stack traces"],
  ["output", /\bconsole\b|\bprocess\b/, "it prints, or talks to the process"],
  [
    "codeReplaced",
    /\.(?:mock|doMock|mockModule|unstable_mockModule|spyOn|stubGlobal|stubEnv)\s*\(|\bmock\s*\.|\.prototype\b|__proto__|\bdefineProperty\b|\bReflect\b|\bglobalThis\b/,
    "it replaces code that it should test",
  ],
  ["skippedTest", /\.(?:skip|only|todo|fails|failing)\b/, "it skips or singles out a test"],
];

const HARMLESS_BUILTIN =
  /^node:(?:assert(?:\/strict)?|buffer|events|path|querystring|string_decoder|timers(?:\/promises)?|url|util)$/;

/** Why a draft is not run, with the name of the rule; null: it is run. */
export function draftFault(frame: TestFrame, draft: TestDraft): string | null {
  const content = contentOf(frame, draft);
  const source = parseSource(frame.path, content);
  if (draft.body.trim() === "") return "emptyTest: there is no body";
  if (revealed(content) !== content) return "invisibleUnicode: it holds characters that nobody sees";
  if (draft.imports.some((line) => /[\r\n]/.test(line.trim()))) return "form: give one import a line";
  if (source === null || !isOneTest(source.root, frame.title))
    return "form: it must be imports, and one test that the body is the inside of, without syntax errors";
  const specifiers = importsOf(source.root);
  for (const name of specifiers) {
    const fault = importFault(frame, name);
    if (fault !== null) return fault;
  }
  if (draft.body.includes(nameOf(frame.source)))
    return "forgedOutput: it names the crashing file; only imports need to";
  for (const [rule, pattern, what] of FORBIDDEN) if (pattern.test(draft.body)) return `${rule}: ${what}`;
  const lines = draft.body.split("\n").map((text, i) => ({ line: i + 1, text }));
  const [hit] = codeHits(lines, []);
  return hit === undefined ? null : `${hit.rule}: ${hit.message}`;
}

function importFault({ path, conventions, packages }: TestFrame, name: string): string | null {
  if (name.startsWith(".")) {
    const target = posix.normalize(posix.join(folderOf(path), name));
    if (target.startsWith("..")) return "pathEscape: it imports from outside of the repository";
    return isSecretFile(target) ? "secretFile: it imports a file that may hold secrets" : null;
  }
  const pack = /^(?:@[^/]+\/)?[^/]+/.exec(name)?.[0] ?? name;
  const known = packages.has(pack) || name === conventions.framework.name || HARMLESS_BUILTIN.test(name);
  return known ? null : `newDependency: ${JSON.stringify(name.slice(0, 60))} is no module of the project`;
}
