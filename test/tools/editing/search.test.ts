import { describe, expect, it } from "vitest";
import { globPattern, searchPattern } from "../../../src/tools/editing/search.ts";
import { withTimeout } from "../../../src/tools/sandbox/withTimeout.ts";

describe("patterns", () => {
  it.each(["x".repeat(201), "(", "[", ""])("refuses %j as an expression", (pattern) => {
    expect(searchPattern({ pattern, regex: true }).kind).toBe("refused");
  });

  it.each([
    [{ pattern: "a.b" }, "xa.by", true],
    [{ pattern: "a.b" }, "acb", false],
    [{ pattern: "A.B", ignoreCase: true }, "xa.by", true],
    [{ pattern: "^a.b$", regex: true }, "acb", true],
    [{ pattern: "A\\w+", regex: true, ignoreCase: true }, "abc", true],
  ])("%j on %s: %s", (wanted, line, expected) => {
    const pattern = searchPattern(wanted);
    expect(pattern.kind === "pattern" && pattern.matches(line)).toBe(expected);
  });

  it.each([
    ["src/**/*.js", "src/a/b.js", true],
    ["src/**/*.js", "src/b.js", true],
    ["*.js", "src/a/b.js", true],
    ["src/*.js", "src/a/b.js", false],
    ["a?c.ts", "abc.ts", true],
    ["a.b", "axb", false],
    ["**/*", "a/b", true],
  ])("glob %s on %s: %s", (glob, path, expected) => {
    const pattern = globPattern(glob);
    expect(pattern.kind === "pattern" && pattern.matches(path)).toBe(expected);
  });
});

describe("a time limit", () => {
  it.each([
    ["(a|a)*b", "a".repeat(40)],
    [`${"a?".repeat(40)}${"a".repeat(40)}`, "a".repeat(39)],
  ])("ends %s, which would take years", (pattern, line) => {
    const wanted = searchPattern({ pattern, regex: true });
    if (wanted.kind === "refused") throw new Error(wanted.reason);
    expect(withTimeout(50, () => wanted.matches(line))).toEqual({ kind: "timeout" });
  });

  it("hands on what came, or was thrown", () => {
    expect(withTimeout(1000, () => [1])).toEqual({ kind: "done", value: [1] });
    const fault = new TypeError("thrown");
    expect(() =>
      withTimeout(1000, () => {
        throw fault;
      }),
    ).toThrow(fault);
  });
});
