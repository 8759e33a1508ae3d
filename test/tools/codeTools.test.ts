import { symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createCodeTools } from "../../src/tools/codeTools.ts";
import { replaceOnce } from "../../src/tools/edit.ts";
import { readRange } from "../../src/tools/read.ts";
import { globPattern, searchPattern } from "../../src/tools/search.ts";
import { createWorkspaces } from "../../src/tools/workspace.ts";
import { gitRepository, temporaryFolder } from "../helpers/gitRepository.ts";
import { service } from "../helpers/service.ts";

const CART = "export function total(cart) {\n  const items = cart.items;\n  return items.length;\n}\n";

const setUp = async (options = {}) => {
  const repo = gitRepository({
    "src/cart.js": CART,
    "src/server.js": "import { total } from './cart.js';\n",
    "README.md": "# Shop\n",
  });
  writeFileSync(join(repo.dir, "logo.png"), Buffer.from([0x89, 0, 0xff]));
  symlinkSync("/etc/passwd", join(repo.dir, "src/link.js"));
  repo.commit("More");
  const workspaces = createWorkspaces({ dataDir: temporaryFolder("data"), clock: { now: () => 0 } });
  const shop = service(repo.dir);
  const workspace = await workspaces.open(shop, "ticket-1", await workspaces.head(shop));
  return { workspace, tools: createCodeTools(workspace, options) };
};

describe("replacing text", () => {
  it("must match exactly once", () => {
    expect(replaceOnce(CART, "items.length", "items?.length")).toMatchObject({ kind: "edited", line: 3 });
    expect(replaceOnce("a\nb\na\n", "a", "c")).toEqual({
      kind: "refused",
      reason: "the text is there 2 times (lines 1, 3): give more of its surroundings",
    });
    expect(replaceOnce("aaa", "aa", "b")).toMatchObject({ kind: "refused" });
    expect(replaceOnce(CART, "", "x")).toMatchObject({ kind: "refused" });
    expect(replaceOnce(CART, "items", "items")).toMatchObject({ kind: "refused" });
  });

  it("shows the nearest lines when nothing matches", () => {
    const result = replaceOnce(CART, "return item.lenght;", "x");
    expect(result).toMatchObject({ kind: "refused" });
    expect(result.kind === "refused" && result.reason).toContain("    3|   return items.length;");
  });

  it("takes the replacement literally", () => {
    expect(replaceOnce("x", "x", "$& $1")).toMatchObject({ content: "$& $1" });
  });

  it("changes nothing but the match", () => {
    fc.assert(
      fc.property(
        fc.string(),
        fc.string({ minLength: 1 }),
        fc.string(),
        fc.string(),
        (before, search, after, replacement) => {
          const result = replaceOnce(before + search + after, search, replacement);
          return result.kind === "refused" || result.content === before + replacement + after;
        },
      ),
    );
  });
});

describe("patterns", () => {
  it.each(["(a+)+$", "(a|a)*b", "(?=a)b", "(a)\\1", "a*b*c*d", "a{1,9}{1,9}", "x".repeat(201), "(", ""])(
    "refuses %j as an expression",
    (pattern) => {
      expect(searchPattern({ pattern, regex: true }).kind).toBe("refused");
    },
  );

  it("matches what is left in bounded time", () => {
    const pattern = searchPattern({ pattern: ".*a.*b$", regex: true });
    const started = performance.now();
    expect(pattern.kind === "pattern" && pattern.matches("a".repeat(1_000_000))).toBe(false);
    expect(performance.now() - started).toBeLessThan(1000);
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

  it("shows a range of lines", () => {
    const text = Array.from({ length: 1000 }, (_, i) => `line ${i + 1}`).join("\n");
    expect(readRange(text, 998)).toBe(
      "  998| line 998\n  999| line 999\n 1000| line 1000\n(lines 998 to 1000 of 1000)",
    );
    expect(readRange(text).split("\n")).toHaveLength(401);
    expect(readRange(text, 5000, 1)).toContain(" 1000| line 1000");
    expect(readRange("")).toBe("(the file is empty)");
  });
});

describe("code tools", () => {
  it("list, read, search, edit and make files", async () => {
    const { tools, workspace } = await setUp();
    expect(await tools.run("list_files", { glob: "src/*.js" })).toBe("src/cart.js\nsrc/server.js");
    expect(await tools.run("read_file", { path: "src/cart.js", from: 2, to: 2 })).toContain(
      "    2|   const items = cart.items;",
    );
    expect(await tools.run("search", { pattern: "total(" })).toBe("src/cart.js:1: export function total(cart) {");
    expect(await tools.run("search", { pattern: "TOTAL", ignoreCase: true, glob: "server.js" })).toContain(
      "src/server.js:1",
    );
    expect(await tools.run("search", { pattern: "nowhere" })).toBe("Nothing found");
    const edit = { path: "src/cart.js", search: "cart.items;", replacement: "cart.items ?? [];" };
    expect(await tools.run("edit_file", edit)).toContain("cart.items ?? [];");
    expect(await tools.run("create_file", { path: "src/new.js", content: "export {};\n" })).toBe("Made src/new.js");
    expect(await tools.run("read_file", { path: "src/new.js" })).toContain("export {};");
    expect(await workspace.diff()).toContain("+  const items = cart.items ?? [];");
  });

  it.each<[string, unknown, RegExp]>([
    ["read_file", { path: "cart.js" }, /nearest: src\/cart\.js/],
    ["read_file", { path: "src/crat.js" }, /nearest: src\/cart\.js/],
    ["read_file", { path: "../../etc/passwd" }, /there is no file/],
    ["read_file", { path: "src/link.js" }, /there is no file/],
    ["read_file", { path: "logo.png" }, /not UTF-8/],
    ["read_file", { path: 1 }, /path:/],
    ["read_file", null, /arguments/],
    ["edit_file", { path: "src/cart.js", search: "nope", replacement: "x" }, /not in the file/],
    ["edit_file", { path: "README.md", search: "Shop", replacement: "x" }, /may not be changed: not planned/],
    ["create_file", { path: "src/cart.js", content: "" }, /exists/],
    ["create_file", { path: ".git/hooks/x", content: "" }, /git's own/],
    ["create_file", { path: "/etc/x", content: "" }, /absolute/],
    ["search", { pattern: "(a+)+", regex: true }, /Refused/],
    ["drop_tables", {}, /no tool/],
  ])("answer %s %j", async (name, args, reply) => {
    const { tools, workspace } = await setUp({
      mayChange: (path: string) => (path === "README.md" ? "not planned" : null),
    });
    expect(await tools.run(name, args)).toMatch(reply);
    expect(await workspace.diff()).toBe("");
  });
});
