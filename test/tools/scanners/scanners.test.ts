import { describe, expect, it } from "vitest";
import { createScanners } from "../../../src/tools/scanners/scanners.ts";

const scan = async (after: string, before = "", path = "src/app.js") => {
  const change = { diff: "", before: new Map([[path, before]]), after: new Map([[path, after]]) };
  const findings = (await Promise.all(createScanners().map((scanner) => scanner.scan(change)))).flat();
  return [...new Set(findings.map((f) => `${f.weight} ${f.rule}`))];
};

describe("scanners", () => {
  it.each([
    ["eval('1')", "hard eval"],
    ["const e = globalThis.eval; e(x)", "hard eval"],
    ["new Function('return 1')()", "hard eval"],
    ["[].constructor.constructor('return 1')()", "hard eval"],
    ["setTimeout('steal()', 1)", "hard eval"],
    ["import { execSync } from 'node:child_process'", "hard spawn"],
    ["const cp = await import('child_process')", "hard spawn"],
    ["helpers.spawn('sh')", "hard spawn"],
    ["fetch('https://example.com')", "soft network"],
    ["const http = require('http')", "soft network"],
    ["new WebSocket(url)", "soft network"],
    ["import(name)", "soft network"],
    ["const k = process.env.KEY", "soft environment"],
    ["const { env } = process", "soft environment"],
    ["process['env']", "soft environment"],
    ["get({ rejectUnauthorized: false })", "soft tls"],
    ["fs.writeFileSync('/etc/passwd', x)", "soft fileWrite"],
    ["await rm(dir, { recursive: true })", "soft fileWrite"],
    ["el.innerHTML = x", "soft html"],
    ["function verifyToken(t) { return true; }", "soft openedGuard"],
    ["const isAllowed = () => true", "soft openedGuard"],
    ["class A { checkAccess() { if (!this.u) { return true } return false } }", "soft openedGuard"],
    ["exports.authenticate = function () { return !0 }", "soft openedGuard"],
    ["const token = 'ghp_abcdefghijklmnopqrstuvwxyz0123456789'", "hard secret"],
    ["const note = 'q7RkXv2MZp0LwYt9BsEa'", "hard secret"],
    ["if (user\u200b === 1) {}", "hard invisibleUnicode"],
    ["const a = '\u202e'", "hard invisibleUnicode"],
    ["// \u{e0041}\u{e0042}", "hard invisibleUnicode"],
    ["const аdmin = 1", "hard invisibleUnicode"],
    ["const x = '\u001b[31m'", "hard invisibleUnicode"],
  ])("finds %j", async (code, finding) => {
    expect(await scan(code)).toContain(finding);
    expect(await scan(`export const x = 1;\n${code}\n`, `export const x = 1;\n`)).toContain(finding);
    // The same code that was there before is not the patch's.
    expect(await scan(`// moved\n\n${code}`, code)).toEqual([]);
  });

  it.each([
    "return cart?.items?.length ?? 0;",
    "const m = /a/.exec(text); // eval( and fetch( are only mentioned",
    "const text = 'fetch(x) eval(y) process.env';",
    "function total(c) { return true }",
    "const greeting = 'Привет, мир! 👩‍💻 ❤️ naïve café';",
    "if (value instanceof Function) value();",
    "setTimeout(() => retry(), 100)",
    "map.get(key); map.set(key, 1); list.find((x) => x.id === 1)",
  ])("finds nothing in %j", async (code) => {
    expect(await scan(`export async function f() {\n${code.startsWith("return") ? code : `${code}\n`}\n}`)).toEqual([]);
  });

  it("reads TypeScript and TSX", async () => {
    expect(await scan("const x: string = eval(y as string)", "", "a.ts")).toEqual(["hard eval"]);
    expect(await scan("const a = <p dangerouslySetInnerHTML={{ __html: x }} />", "", "a.tsx")).toEqual(["soft html"]);
  });

  it.each([
    ["it.skip('a', () => { expect(1).toBe(1) })", "hard skippedTest"],
    ["describe.only('a', () => { expect(1).toBe(1) })", "hard skippedTest"],
    ["it('a', { skip: true }, () => { expect(1).toBe(1) })", "hard skippedTest"],
    ["xit('a', () => { expect(1).toBe(1) })", "hard skippedTest"],
    ["it('a', () => {})", "hard loosenedTest"],
    ["", "hard loosenedTest"],
  ])("finds the weakened test %j", async (after, finding) => {
    expect(await scan(after, "it('a', () => { expect(1).toBe(1) })", "test/a.test.js")).toContain(finding);
  });

  it("takes a language that no rule reads for a person's, unless nothing changed", async () => {
    expect(await scan("System.cmd(1)", "", "lib/a.rb")).toEqual(["soft unreadLanguage"]);
    expect(await scan("# Text", "", "docs/a.md")).toEqual([]);
  });

  it("never puts the secret into a finding", async () => {
    const change = {
      diff: "",
      before: new Map(),
      after: new Map([["a.js", "const t = 'ghp_abcdefghijklmnopqrstuvwxyz0123456789'"]]),
    };
    const findings = (await Promise.all(createScanners().map((scanner) => scanner.scan(change)))).flat();
    expect(findings).not.toEqual([]);
    expect(JSON.stringify(findings)).not.toContain("ghp_");
  });
});
