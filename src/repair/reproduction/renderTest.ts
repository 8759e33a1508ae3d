import { type Conventions, folderOf, nameOf } from "./conventions.ts";
import type { Step } from "./probe/functionPath.ts";
import type { Call } from "./probe/plan.ts";
import type { Shape } from "./probe/shape.ts";
import { quoted, shapeOfJson, wrapped } from "./shapeSource.ts";
import type { Assertions } from "./testFramework.ts";

/** Everything needed to render a regression test. */
export interface Recipe {
  conventions: Conventions;
  title: string;
  /** Path of the test. */
  path: string;
  /** The exception, for a comment in the test: `TypeError: …`. */
  threw: string;
  /** The call that threw the exception. */
  call: Call;
  /** JSON of the value that the repaired code returns. null: the test only checks that the call does not throw. */
  expected: string | null;
}

/**
 * Renders the whole test file.
 *
 * @example
 * renderTest({ conventions, title: "total does not throw when cart is undefined", path: "test/cart.test.js", threw, call, expected: null });
 */
export function renderTest(recipe: Recipe): string {
  const { conventions, call } = recipe;
  const root = rootOf(recipe);
  const isLate = conventions.module === "cjs" && call.module === "esm";
  const isAsync = call.isAsync || isLate || conventions.framework.name === "tap";
  const imports = isLate ? [] : [importOf(recipe, root)];
  const body = [...(isLate ? [importOf(recipe, root)] : []), ...statements(recipe, root)];
  return fileOf(recipe, { imports, body, isAsync });
}

/**
 * A file with one test. Each item of `body` is one line: a statement, or a part of one that ends in an open bracket.
 */
export function fileOf(
  { conventions, title }: Pick<Recipe, "conventions" | "title">,
  { imports, body, isAsync }: { imports: readonly string[]; body: readonly string[]; isAsync: boolean },
): string {
  const { indent, quote } = conventions.style;
  const inner = body.map((line) => indent + line).join("\n");
  const head = [...frameworkImports(conventions), ...imports];
  const text = [...head, ...(head.length > 0 ? [""] : []), `${opening(conventions, isAsync)}\n${inner}\n})`].join("\n");
  return `${withEnds(text, conventions)}\n`.replaceAll("\0", quoted(title, quote));
}

/** The name that the test imports from the module, and the remaining steps of the call. */
interface Root {
  name: string;
  form: "named" | "default" | "whole";
  rest: readonly Step[];
}

function rootOf({ call, conventions }: Recipe): Root {
  const [first, ...rest] = call.steps;
  const name = first !== undefined && "get" in first ? first.get : null;
  const own = moduleName(call.file);
  if (call.module === "esm") {
    if (name === "default") return { name: own, form: "default", rest };
    return name !== null && isName(name)
      ? { name, form: "named", rest }
      : { name: own, form: "whole", rest: call.steps };
  }
  // Node only guesses the named exports of a CommonJS module, so an ES module imports it as a whole.
  const isNamed = conventions.module === "cjs" && name !== null && isName(name);
  return isNamed ? { name, form: "named", rest } : { name: own, form: "default", rest: call.steps };
}

function importOf({ call, conventions, path }: Recipe, { name, form }: Root): string {
  const from = quoted(specifier(path, call.file, conventions), conventions.style.quote);
  if (conventions.module === "cjs" && call.module === "cjs")
    return form === "named" ? `const { ${name} } = require(${from})` : `const ${name} = require(${from})`;
  if (conventions.module === "cjs") {
    if (form === "default") return `const { default: ${name} } = await import(${from})`;
    return form === "named" ? `const { ${name} } = await import(${from})` : `const ${name} = await import(${from})`;
  }
  if (form === "named") return `import { ${name} } from ${from}`;
  return form === "default" ? `import ${name} from ${from}` : `import * as ${name} from ${from}`;
}

/** The import specifier of the source file in the test. */
export function specifier(test: string, file: string, { endings }: Pick<Conventions, "endings">): string {
  const up = folderOf(test).split("/").filter(Boolean);
  const down = file.split("/");
  while (up.length > 0 && down.length > 1 && up[0] === down[0]) {
    up.shift();
    down.shift();
  }
  const path = `${up.length === 0 ? "./" : "../".repeat(up.length)}${down.join("/")}`;
  if (endings === "none") return path.replace(/\.[jt]sx?$/, "");
  return endings === "js" ? path.replace(/\.([cm]?)tsx?$/, ".$1js") : path;
}

function frameworkImports({ framework, word, module, style }: Conventions): string[] {
  const load = (names: string, from: string) => {
    const place = quoted(from, style.quote);
    return module === "esm"
      ? `import ${names} from ${place}`
      : `const ${names.replaceAll(" as ", ": ")} = require(${place})`;
  };
  switch (framework.name) {
    case "vitest":
      return [load(`{ expect, ${word} }`, "vitest")];
    case "jest":
      return [];
    case "mocha":
      return fromChai(framework.assertions).map(([names, from]) => load(names, from));
    case "ava":
      return [load("test", "ava")];
    case "tap":
      return [load("t", "tap")];
    case "node:test":
      return [load("assert", "node:assert/strict"), load(`{ ${word} }`, "node:test")];
  }
}

function fromChai(assertions: Assertions): [names: string, from: string][] {
  if (assertions === "chai.expect") return [["{ expect }", "chai"]];
  if (assertions === "chai.assert") return [["{ assert }", "chai"]];
  return assertions === "should" ? [["should", "should"]] : [["assert", "assert"]];
}

function opening({ framework, word }: Conventions, isAsync: boolean): string {
  const given = framework.name === "ava" || framework.name === "tap" ? "(t)" : "()";
  const open = framework.name === "tap" ? "t.test" : framework.name === "ava" ? "test" : word;
  // NUL stands for the title. The title may contain text that looks like a line end.
  return `${open}(\0, ${isAsync ? "async " : ""}${given} => {`;
}

function statements(recipe: Recipe, root: Root): string[] {
  const { call, conventions, expected, threw } = recipe;
  const { assertions } = conventions.framework;
  const source = `${call.isAsync ? "await " : ""}${expressionOf(recipe, root)}`;
  const comment = `// It threw ${threw}.`;
  if (expected === null) {
    const passed = assertions === "t" ? ["t.pass()"] : [];
    return [comment, source, ...passed];
  }
  const value: unknown = JSON.parse(expected);
  const text = wrapped(shapeOfJson(value), conventions.style, conventions.style.indent);
  return [
    comment,
    assertion(assertions, conventions.framework.name, source, text, typeof value !== "object" || value === null),
  ];
}

function assertion(by: Assertions, framework: string, actual: string, expected: string, isPlain: boolean): string {
  switch (by) {
    case "expect":
      return `expect(${actual}).${isPlain ? "toBe" : "toEqual"}(${expected})`;
    case "chai.expect":
      return `expect(${actual}).to.${isPlain ? "equal" : "deep.equal"}(${expected})`;
    case "should":
      return `should(${actual}).${isPlain ? "equal" : "eql"}(${expected})`;
    case "t":
      if (framework === "ava") return `t.${isPlain ? "is" : "deepEqual"}(${actual}, ${expected})`;
      return `t.${isPlain ? "equal" : "same"}(${actual}, ${expected})`;
    default:
      if (framework === "node:test") return `assert.${isPlain ? "equal" : "deepEqual"}(${actual}, ${expected})`;
      return `assert.${isPlain ? "strictEqual" : "deepStrictEqual"}(${actual}, ${expected})`;
  }
}

function expressionOf({ call, conventions }: Recipe, { name, rest }: Root): string {
  let text = name;
  let used = 0;
  for (const step of rest) {
    if ("get" in step) {
      text += isName(step.get)
        ? `.${step.get}`
        : `[${/^\d+$/.test(step.get) ? step.get : quoted(step.get, conventions.style.quote)}]`;
      continue;
    }
    const count = "call" in step ? step.call : step.new;
    const args = argumentsText(call.roots.slice(used, used + count), conventions);
    used += count;
    text = "call" in step ? `${text}(${args})` : `new ${text}(${args})`;
  }
  return text;
}

function argumentsText(roots: readonly Shape[], { style, isTyped }: Conventions): string {
  const given = roots.slice(0, roots.findLastIndex((root) => root.k !== "undef") + 1);
  // The types forbid the value that caused the crash.
  return given
    .map((root) => `${wrapped(root, style, style.indent)}${isTyped && root.k !== "lit" ? " as never" : ""}`)
    .join(", ");
}

/** Adds semicolons if the project uses them. */
function withEnds(text: string, { style }: Conventions): string {
  if (!style.semicolons) return text;
  return text
    .split("\n")
    .map((line) => (line === "" || /(?:[{[(,]|=>)$|^\s*\/\//.test(line) || isInside(line) ? line : `${line};`))
    .join("\n");
}

/** Whether the line closes a bracket without ending the statement. */
function isInside(line: string): boolean {
  return /^\s*[\]}],?$/.test(line);
}

/**
 * A variable name for a module: `invalidScopeDisables` for `lib/invalid-scope-disables.js`. For `lib/cart/index.js` the
 * folder's name.
 */
function moduleName(file: string): string {
  const base = nameOf(file).replace(/\..*$/, "");
  const name = base === "index" && file.includes("/") ? nameOf(folderOf(file)) : base;
  const camel = name.replace(/[^A-Za-z0-9$]+(.)?/g, (_, next: string | undefined) => (next ?? "").toUpperCase());
  return isName(camel) ? camel : `_${camel.replace(/\W/g, "")}`;
}

const RESERVED = new Set(
  "default class function new delete return import export this null true false undefined test it expect assert t should await async".split(
    " ",
  ),
);

function isName(text: string): boolean {
  return /^[A-Za-z_$][\w$]*$/.test(text) && !RESERVED.has(text);
}
