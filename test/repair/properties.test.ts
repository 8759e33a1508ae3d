import fc from "fast-check";
import ts from "typescript";
import { describe, expect, it } from "vitest";
import { applyEdits } from "../../src/repair/edits.ts";
import { repairCandidates } from "../../src/repair/engine.ts";
import { marked, treeOf } from "../helpers/repairs.ts";

/** Expressions that read `member` of `x.a`, at the marked place. */
const reads = fc.constantFrom(
  "x.a.¦m",
  "x.a.¦m.n",
  "x.a.¦m()",
  "x.a.¦m(1).n",
  "x.a¦[0]",
  "(x.a).¦m",
  "x.a.¦length",
  "x.a.¦map((y) => y.z)",
  "x?.a.¦m",
);
/** Places where a value stands. */
const places = fc.constantFrom(
  (e: string) => `const v = ${e};\nuse(v);`,
  (e: string) => `return ${e};`,
  (e: string) => `if (${e}) {\n  use(1);\n}`,
  (e: string) => `if (!${e}) return;`,
  (e: string) => `if (x.b && (${e} === "k" || x.c)) use(2);`,
  (e: string) => `while (${e} !== 3) use(3);`,
  (e: string) => `for (const i of [1]) {\n  use(${e} + i);\n}`,
  (e: string) => `use(\`\${${e}}\`, { k: ${e.replace("¦", "")} });`,
  (e: string) => `list.filter((q) => q && ${e} > 1);`,
  (e: string) => `const f = (q) => ${e};\nf(1);`,
  (e: string) => `v = x.b ? ${e} : 0;`,
  (e: string) => `${e};`,
  (e: string) => `switch (${e}) {\n  case 1:\n    use(${e.replace("¦", "")});\n}`,
  (e: string) => `try {\n  use(await ${e});\n} finally {\n  use(4);\n}`,
);
const languages = fc.constantFrom("src/a.js", "src/a.mjs", "src/a.ts", "src/a.tsx", "src/a.jsx");
const styles = fc.constantFrom(
  (s: string) => s,
  (s: string) => s.replaceAll(";", ""),
  (s: string) => s.replaceAll("const ", "var "),
  (s: string) => s.replaceAll("\n", "\r\n"),
);

function memberOf(expression: string): string {
  return (
    /¦(?:\[(\d)\]|(\w+))/
      .exec(expression)
      ?.slice(1)
      .find((m) => m !== undefined) ?? ""
  );
}

function faults(text: string, file: string): string[] {
  const { diagnostics = [] } = ts.transpileModule(text, {
    fileName: file,
    reportDiagnostics: true,
    compilerOptions: { target: ts.ScriptTarget.ESNext, jsx: ts.JsxEmit.Preserve },
  });
  return diagnostics.map((d) => ts.flattenDiagnosticMessageText(d.messageText, "\n"));
}

describe("every candidate", () => {
  it("parses, and changes nothing far from the frame", async () => {
    await fc.assert(
      fc.asyncProperty(reads, places, languages, styles, async (expression, place, file, style) => {
        const code = style(
          `async function f(x, list) {\n${place(expression)}\n}\nfunction far(y) {\n  return y.a.m;\n}\n`,
        );
        fc.pre(code.includes("¦"));
        const { text, line, column } = marked(code);
        const member = memberOf(expression);
        const exception = { type: "TypeError", value: `Cannot read properties of undefined (reading '${member}')` };
        const candidates = await repairCandidates({
          exception,
          places: [{ file, line, column }],
          tree: treeOf({ [file]: text }),
        });
        expect(candidates.length).toBeGreaterThan(0);
        for (const candidate of candidates) {
          const after = applyEdits(text, candidate.edits);
          expect(faults(after, file), `${candidate.template}\n${after}`).toEqual(faults(text, file));
          expect(after).not.toMatch(/catch/);
          expect(after.slice(after.indexOf("function far"))).toBe(text.slice(text.indexOf("function far")));
          expect(candidate.score).toBeGreaterThanOrEqual(0);
          expect(candidate.score).toBeLessThanOrEqual(100);
        }
      }),
      { numRuns: 150 },
    );
  });

  it("is given once, best first, and the same every time", async () => {
    const { text, line, column } = marked("function f(x) {\n  return x.a.¦b;\n}\n");
    const input = {
      exception: { type: "TypeError", value: "Cannot read properties of undefined (reading 'b')" },
      places: [{ file: "a.js", line, column }],
      tree: treeOf({ "a.js": text }),
    };
    const once = await repairCandidates(input);
    expect(await repairCandidates(input)).toEqual(once);
    expect(new Set(once.map((c) => applyEdits(text, c.edits))).size).toBe(once.length);
    expect(once.map((c) => c.score)).toEqual([...once.map((c) => c.score)].sort((a, b) => b - a));
  });
});
