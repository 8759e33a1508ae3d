import fc from "fast-check";
import ts from "typescript";
import { expect, test } from "vitest";
import type { RegressionTest } from "../../../src/domain/reproduction.ts";
import { callTests, pinned } from "../../../src/repair/reproduction/callTests.ts";
import { capturedValues } from "../../../src/repair/reproduction/capturedValues.ts";
import type { Call } from "../../../src/repair/reproduction/probe/plan.ts";
import { plainValue, type Shape } from "../../../src/repair/reproduction/probe/shape.ts";
import { requestTests } from "../../../src/repair/reproduction/requestTests.ts";

/** Ways out of a text, a comment, a template or a key; `pwned` is what must stay text. */
const WAY_OUT = [
  "pwned()",
  '"); pwned(); ("',
  "'); pwned(); ('",
  "`); pwned(); (`",
  "\\'); pwned(); //",
  '\\"); pwned(); //',
  `\${pwned()}`,
  "\npwned()\n",
  "\r\npwned()//",
  "\u2028pwned()//",
  "\u2029pwned()//",
  "\u0085pwned()",
  "*/ pwned() /*",
  "\0pwned()\0",
  "]: pwned(), [",
  "$& $` pwned()",
  "__proto__",
  "constructor",
];
const text = fc
  .array(fc.oneof(fc.constantFrom(...WAY_OUT), fc.string({ unit: "binary", maxLength: 6 })), { maxLength: 4 })
  .map((parts) => parts.join(""));
const json = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3 },
    text,
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc.constant(null),
    fc.array(tie("value"), { maxLength: 3 }),
    fc.dictionary(text, tie("value"), { maxKeys: 3 }),
  ),
})).value;

const STYLES = {
  double: 'import { test } from "node:test";\n\ntest("adds", () => {});\n',
  single: "import { test } from 'node:test'\n\ntest('adds', () => {})\n",
  jest: "const x = require('./x')\n\ntest('adds', () => {\n  expect(1).toBe(1)\n})\n",
};

function treeOf(style: keyof typeof STYLES) {
  const files: Record<string, string> = {
    "package.json": JSON.stringify(
      style === "jest" ? { scripts: { test: "jest" } } : { type: "module", scripts: { test: "node --test" } },
    ),
    "src/cart.js": "export function total(cart) {\n  return cart.items.length;\n}\n",
    "src/app.js": 'import express from "express";\nimport { total } from "./cart.js";\nexport const app = express();\n',
    "test/other.test.js": STYLES[style],
  };
  return { files: async () => Object.keys(files), read: async (path: string) => files[path] ?? "" };
}

/** Every name that is code in a file; throws where the file cannot be parsed. */
function namesIn({ content, path }: RegressionTest): Set<string> {
  const source = ts.createSourceFile(path, content, ts.ScriptTarget.Latest, true, ts.ScriptKind.JS);
  const faults = (source as unknown as { parseDiagnostics: ts.Diagnostic[] }).parseDiagnostics;
  if (faults.length > 0) throw new Error(`${ts.flattenDiagnosticMessageText(faults[0]?.messageText, " ")}\n${content}`);
  const names = new Set<string>();
  const visit = (node: ts.Node): void => {
    if (ts.isIdentifier(node)) names.add(node.text);
    ts.forEachChild(node, visit);
  };
  visit(source);
  return names;
}

const PLACE = { file: "src/cart.js", line: 2, column: 21 };
const style = fc.constantFrom(...(Object.keys(STYLES) as (keyof typeof STYLES)[]));

test("whatever an Event says of its variables, exception and function stays text in the test that is written of it", async () => {
  await fc.assert(
    fc.asyncProperty(
      style,
      text,
      text,
      text,
      fc.dictionary(text, json, { maxKeys: 3 }),
      json,
      async (kind, type, value, name, vars, returned) => {
        const read = capturedValues(
          Object.fromEntries(Object.entries(vars).map(([key, one]) => [key, JSON.stringify(one)])),
        );
        const roots: Shape[] = [...read.values()].map((one) => one.shape);
        const call: Call = {
          file: PLACE.file,
          module: kind === "jest" ? "cjs" : "esm",
          steps: [{ get: "total" }, { call: roots.length }],
          roots,
          isAsync: false,
        };
        const place = { ...PLACE, function: name };
        const exception = { type, value };
        const tests = await callTests({ exception, place, call, origin: "captured", root: "" }, treeOf(kind));
        expect(tests).not.toEqual([]);
        for (const one of tests) {
          expect(namesIn(one)).not.toContain("pwned");
          const whole = pinned(one, JSON.stringify(returned));
          expect(whole && namesIn(whole)).not.toContain("pwned");
          expect(one.command).toMatch(/^[\w ./-]+$/);
        }
      },
    ),
    { numRuns: 150 },
  );
});

test("so does what it says of its request", async () => {
  await fc.assert(
    fc.asyncProperty(
      style,
      text,
      text,
      text,
      fc.dictionary(text, text, { maxKeys: 3 }),
      text,
      async (kind, type, value, url, headers, body) => {
        const request = {
          method: type.slice(0, 16),
          url: URL.canParse(url, "http://localhost") ? url : "/",
          headers,
          body,
        };
        const wanted = {
          exception: { type, value },
          place: PLACE,
          places: [{ ...PLACE, file: "src/app.js" }, PLACE],
          request,
          root: "",
        };
        const tests = await requestTests(wanted, treeOf(kind));
        for (const one of tests) {
          expect(namesIn(one)).not.toContain("pwned");
          expect(one.command).toMatch(/^[\w ./-]+$/);
        }
      },
    ),
    { numRuns: 150 },
  );
});

test("variables come back as they were, and only as data", () => {
  fc.assert(
    fc.property(json, (value) => {
      const sent = JSON.stringify(value);
      const read = capturedValues({ it: sent }).get("it");
      const isPlain = !/\[|<|undefined|…|\.\.\.|__proto__/.test(sent.replace(/[[{]/, ""));
      // JSON has no -0.
      if (read?.isWhole && isPlain) expect(plainValue(read.shape)).toEqual(JSON.parse(sent));
    }),
  );
});
