import type { Exception } from "../../domain/event.ts";
import type { RegressionTest, ReproductionOrigin } from "../../domain/reproduction.ts";
import type { Place, Tree } from "../candidate.ts";
import { type Conventions, conventionsFor, nameOf } from "./conventions.ts";
import type { Call } from "./probe/plan.ts";
import { type Recipe, renderTest } from "./renderTest.ts";
import { commandFor, type Framework } from "./testFramework.ts";
import { testTitleOf, threwOf } from "./testTitle.ts";

/** The call to make tests of, and the exception it reproduces. */
export interface CallOf {
  exception: Pick<Exception, "type" | "value">;
  place: Place;
  call: Call;
  origin: ReproductionOrigin;
  /** Folder where the service's commands run, "" for the top. */
  root: string;
}

/**
 * Tests of one call: one in the project's own framework, and one in node:test in case that framework is not installed.
 */
export async function callTests(wanted: CallOf, tree: Tree): Promise<RegressionTest[]> {
  const { exception, place, call, root } = wanted;
  const behaviour = await testTitleOf(exception, place, calledName(call), tree);
  const conventions = await conventionsFor(call.file, tree);
  const files = new Set(await tree.files());
  return alternatives(conventions, root).flatMap((one) => {
    const path = freePath(one, call.file, behaviour.slug, files);
    const threw = threwOf(exception);
    const recipe: Recipe = { conventions: one, title: behaviour.title, path, threw, call, expected: null };
    return [testOf(recipe, wanted.origin, root)];
  });
}

/** Name of the function that the call ends with. */
function calledName({ steps }: Call): string | null {
  const last = steps.findLast((step) => "get" in step);
  return last === undefined || !("get" in last) || /^(?:default|\d+)$/.test(last.get) ? null : last.get;
}

/**
 * The same test, with the return value of the repaired code as its expected value (JSON). null when the test has no
 * recipe.
 */
export function pinned(test: RegressionTest, expected: string): RegressionTest | null {
  const recipe = recipeOf(test);
  if (recipe === null) return null;
  const whole: Recipe = { ...recipe, expected };
  return { ...test, content: renderTest(whole), recipe: JSON.stringify(whole) };
}

/** The recipe that selfheal rendered the test from; null for any other test. */
export function recipeOf(test: RegressionTest): Recipe | null {
  return test.recipe === null ? null : (JSON.parse(test.recipe) as Recipe);
}

function testOf(recipe: Recipe, origin: ReproductionOrigin, root: string): RegressionTest {
  const { path, title, conventions } = recipe;
  return {
    kind: "call",
    origin,
    path,
    title,
    content: renderTest(recipe),
    command: commandFor(conventions.framework, inRoot(path, root)),
    recipe: JSON.stringify(recipe),
  };
}

/** A path relative to the service's root folder, where commands run. */
export function inRoot(path: string, root: string): string {
  return root !== "" && path.startsWith(`${root}/`) ? path.slice(root.length + 1) : path;
}

const EVERYWHERE: Framework = { name: "node:test", assertions: "assert", flags: "" };

/** The conventions with the project's framework and, for untyped tests, with node:test, which every Node has. */
export function alternatives(conventions: Conventions, root: string): Conventions[] {
  const placed = inside(conventions, root);
  if (conventions.framework.name === "node:test") return [placed];
  return conventions.isTyped ? [placed] : [placed, { ...placed, framework: EVERYWHERE, word: "test" }];
}

function inside(conventions: Conventions, root: string): Conventions {
  if (root === "" || conventions.folder === root || conventions.folder.startsWith(`${root}/`)) return conventions;
  return { ...conventions, folder: `${root}/${conventions.folder}`.replace(/\/$/, "") };
}

/** A file name for a new test of a source file that is not taken yet. */
export function freePath(
  { folder, suffix }: Conventions,
  source: string,
  slug: string,
  taken: ReadonlySet<string>,
): string {
  const stem = nameOf(source).replace(/\..*$/, "");
  for (let n = 1; ; n += 1) {
    const name = `${stem}.${slug}${n === 1 ? "" : `-${n}`}${suffix}`;
    const path = folder === "" ? name : `${folder}/${name}`;
    if (!taken.has(path)) return path;
  }
}
