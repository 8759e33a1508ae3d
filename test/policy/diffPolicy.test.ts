import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { reviewDiff } from "../../src/policy/diffPolicy.ts";
import { readDiff } from "../../src/policy/unifiedDiff.ts";
import { BUILT_DIFF } from "../helpers/ticketBuilder.ts";

const policy = { maxFiles: 3, maxLines: 60, protectedPaths: ["legacy/**", "src/*.gen.js"] };
const allowedFiles = ["src/cart.js", "lib/shop/cart.ex", "shop/cart.py"];

function rulesOf(diff: string, files: readonly string[] = allowedFiles): string[] {
  return [...new Set(reviewDiff(diff, { allowedFiles: files, policy }).map((f) => `${f.weight}:${f.rule}`))].sort();
}

/** A diff of one file, as git prints it. */
function change(path: string, removed: readonly string[], added: readonly string[], section = ""): string {
  const head = `diff --git a/${path} b/${path}\nindex 1111111..2222222 100644\n--- a/${path}\n+++ b/${path}\n`;
  const hunk = `@@ -10,${removed.length} +10,${added.length} @@${section === "" ? "" : ` ${section}`}\n`;
  return `${head}${hunk}${removed.map((l) => `-${l}\n`).join("")}${added.map((l) => `+${l}\n`).join("")}`;
}

function adding(path: string, lines: readonly string[], mode = "100644"): string {
  const head = `diff --git a/${path} b/${path}\nnew file mode ${mode}\nindex 0000000..2222222\n--- /dev/null\n+++ b/${path}\n`;
  return `${head}@@ -0,0 +1,${lines.length} @@\n${lines.map((l) => `+${l}\n`).join("")}`;
}

const cart = (added: string, removed = "const old = 1;") => change("src/cart.js", [removed], [added]);
const test = (added: string, removed = "const old = 1;") => change("test/cart.test.js", [removed], [added]);

describe("reviewDiff", () => {
  it.each([
    ["a null guard", BUILT_DIFF],
    ["a test beside it", BUILT_DIFF + adding("test/cart.test.js", ['test("guest", () => expect(city({})).toBe(""));'])],
    ["an Elixir test", adding("test/shop/cart_test.exs", ["assert Cart.city(%{}) == nil"])],
    [
      "a new test that names what it is run by",
      adding("test/cart.without-items.test.js", [
        'import assert from "node:assert/strict";',
        'import { test } from "node:test";',
        "const { expect } = require('chai')",
      ]),
    ],
    ["a Python test", adding("tests/test_cart.py", ["assert city({}) == ''"])],
    ["a relative import", cart('import { empty } from "./empty.js";')],
    ["a harmless builtin", cart('import { isDeepStrictEqual } from "node:util";')],
    ["awaiting a call that was there", cart("const r = await fetch(url(1));", "const r = fetch(url(1));")],
    ["a default for a variable that was read", cart("const p = process.env.PORT ?? 1;", "const p = process.env.PORT;")],
    ["a regular expression's exec", cart("const m = pattern.exec(line) ?? [];")],
    ["a URL that was there", cart('link("https://a.test/x", n ?? 0)', 'link("https://a.test/x", n)')],
    ["Windows line ends", cart("const a = 1;\r")],
    ["an emoji that was there", cart("say('❤️', name ?? '')", "say('❤️', name)")],
    ["a moved skip", test('    it.skip("old", old);', '  it.skip("old", old);')],
    ["a reworded test title", test('it("sums", () => sum());', 'it("adds", () => sum());')],
  ])("has nothing to say about %s", (_what, diff) => {
    expect(rulesOf(diff)).toEqual([]);
  });

  it.each<[string, string, string[]]>([
    ["nothing at all", "", ["hard:unreadableDiff"]],
    ["prose", "I fixed it!\n", ["hard:unreadableDiff"]],
    ["a diff without git's header", BUILT_DIFF.split("\n").slice(2).join("\n"), ["hard:unreadableDiff"]],
    ["text before", `hello\n${BUILT_DIFF}`, ["hard:unreadableDiff"]],
    ["a second patch behind the hunk", `${BUILT_DIFF}--- a/x\n+++ b/x\n@@ -1 +1 @@\n-a\n+b\n`, ["hard:unreadableDiff"]],
    ["a hunk that is too short", BUILT_DIFF.replace("+10,4", "+10,9"), ["hard:unreadableDiff"]],
    ["an unknown header", BUILT_DIFF.replace("index", "magic"), ["hard:unreadableDiff"]],
    [
      "another file's side",
      BUILT_DIFF.replace("+++ b/src/cart.js", "+++ b/.npmrc"),
      ["soft:outsidePlan", "soft:protectedPath"],
    ],
    [
      "a mode given twice",
      adding("src/cart.js", ["/etc/hosts"], "120000").replace("120000\n", "120000\nnew file mode 100644\n"),
      ["hard:symlink"],
    ],
    ["a submodule", adding("src/cart.js", ["Subproject commit 1"], "160000"), ["hard:submodule"]],
    ["a new executable", adding("src/cart.js", ["x"], "100755"), ["hard:executableMode"]],
    ["a folder's mode", adding("src/cart.js", ["x"], "040000"), ["hard:unreadableDiff"]],
    ["a path that climbs", change("src/../../etc/passwd", ["a"], ["b"]), ["hard:pathEscape"]],
    ["git's own folder", change("sub/.GIT/config", ["a"], ["b"]), ["hard:pathEscape"]],
    ["its short name", change("git~1/config", ["a"], ["b"]), ["hard:pathEscape"]],
    ["a backslash", change("src\\..\\x", ["a"], ["b"]), ["hard:pathEscape"]],
    ["an invisible path", change("src/ca\u200brt.js", ["a"], ["b"]), ["hard:invisibleUnicode"]],
    ["a bidi override", cart("if (admin\u202e) {}"), ["hard:invisibleUnicode"]],
    ["tag characters", cart(`// ${String.fromCodePoint(0xe0041)}`), ["hard:invisibleUnicode"]],
    ["a line separator in a comment", cart("// a\u2028evil()"), ["hard:invisibleUnicode"]],
    ["a carriage return in a line", cart("// a\revil()"), ["hard:invisibleUnicode"]],
    ["a terminal sequence", cart("// \u001b[2K"), ["hard:invisibleUnicode"]],
    ["a file outside of the plan", change("src/other.js", ["a"], ["b"]), ["soft:outsidePlan"]],
    ["a test of something else", change("test/other.test.js", ["a"], ["b"]), ["soft:outsidePlan"]],
    [
      "many lines",
      change(
        "src/cart.js",
        [],
        Array.from({ length: 61 }, (_, i) => `a${i}`),
      ),
      ["soft:tooManyLines"],
    ],
    [
      "a framework outside of tests",
      adding("src/cart.js", ['import { test } from "node:test";']),
      ["soft:newDependency"],
    ],
    [
      "another package in a new test",
      adding("test/cart.test.js", ['import { x } from "evil";', 'import { test } from "vitest"; evil();']),
      ["soft:newDependency"],
    ],
    ["a new package", cart('import _ from "lodash";'), ["soft:newDependency"]],
    ["a scoped package", cart('const x = require("@evil/x");'), ["soft:newDependency"]],
    ["a module by side effect", cart('import "reflect-metadata";'), ["soft:newDependency"]],
    ["a Python module", change("shop/cart.py", ["a"], ["import pickle"]), ["soft:newDependency"]],
    ["spawn", cart('spawn("sh", ["-c", x]);'), ["soft:processSpawn"]],
    ["child_process", cart('const c = require("node:child_process");'), ["soft:newDependency", "soft:processSpawn"]],
    ["System.cmd", change("lib/shop/cart.ex", ["a"], ['System.cmd("sh", [])']), ["soft:processSpawn"]],
    ["os.system", change("shop/cart.py", ["a"], ["os.system(x)"]), ["soft:processSpawn"]],
    ["fetch", cart("await fetch(url);"), ["soft:networkEgress"]],
    ["fetch of something else", cart("fetch(b);", "fetch(a);"), ["soft:networkEgress"]],
    ["a longer argument list", cart("fetch(f(a), evil);", "fetch(f(a));"), ["soft:networkEgress"]],
    [
      "another host",
      cart('const HOST = "https://evil.test";', 'const HOST = "https://shop.test";'),
      ["soft:networkEgress"],
    ],
    ["eval", cart("eval(x);"), ["soft:dynamicCode"]],
    ["Function", cart('new Function("return 1")();'), ["soft:dynamicCode"]],
    ["the constructor's constructor", cart('[]["constructor"]["constructor"]("x")()'), ["soft:dynamicCode"]],
    ["a computed global", cart('globalThis["ev" + "al"](x)'), ["soft:dynamicCode"]],
    ["a computed import", cart("await import(name)"), ["soft:dynamicCode"]],
    ["the environment", cart("return process.env.TOKEN"), ["soft:environmentRead"]],
    ["another variable", cart("f(process.env.SECRET)", "f(process.env.PORT)"), ["soft:environmentRead"]],
    ["os.environ", change("shop/cart.py", ["a"], ['os.environ["X"]']), ["soft:environmentRead"]],
    ["a written file", cart('writeFileSync("/tmp/x", y)'), ["soft:fileWrite"]],
    ["TLS without checks", cart("rejectUnauthorized: false"), ["soft:guardTouched", "soft:validationOff"]],
    ["ts-ignore", cart("// @ts-ignore"), ["soft:validationOff"]],
    ["an empty catch", cart("try { f(); } catch (e) {}"), ["soft:crashSilenced"]],
    ["a swallowed rejection", cart("f().catch(() => {})"), ["soft:crashSilenced"]],
    ["a guard's call", cart("if (verifyToken(t) || true) {", "if (verifyToken(t)) {"), ["soft:guardTouched"]],
    ["a guard that is gone", change("src/cart.js", ["if (!user.is_admin) return;"], []), ["soft:guardTouched"]],
    [
      "a guard's body",
      change("src/cart.js", ["return ok;"], ["return true;"], "function verifyToken(t) {"),
      ["soft:guardTouched"],
    ],
    ["a very long line", cart(`x("${"a".repeat(3000)}")`), ["soft:longLine"]],
    ["a skipped test", test('it.skip("sums", sum);', 'it("sums", sum);'), ["soft:skippedTest"]],
    ["a test on its own", test('it.only("sums", sum);', 'it("sums", sum);'), ["soft:skippedTest"]],
    ["xit", test('xit("sums", sum);', 'it("sums", sum);'), ["soft:skippedTest"]],
    ["an ExUnit tag", change("test/shop/cart_test.exs", ["a"], ["@tag :skip"]), ["soft:skippedTest"]],
    ["pytest.mark.skip", change("tests/test_cart.py", ["a"], ["@pytest.mark.skip"]), ["soft:skippedTest"]],
    ["a removed assertion", test("sum();", "expect(sum()).toBe(3);"), ["soft:loosenedTest"]],
    [
      "an assertion that asks less",
      test("expect(sum()).toBeDefined();", "expect(sum()).toBe(3);"),
      ["soft:loosenedTest"],
    ],
    ["a snapshot", change("test/cart.test.js.snap", ["city: Bern"], ["city: "]), ["soft:loosenedTest"]],
  ])("finds %s", (_what, diff, rules) => {
    expect(rulesOf(diff)).toEqual(rules);
  });

  it("counts files", () => {
    const files = ["src/a.js", "src/b.js", "src/c.js", "src/d.js"];
    expect(rulesOf(files.map((f) => change(f, ["a"], ["b"])).join(""), files)).toEqual(["soft:tooManyFiles"]);
  });

  it("says where", () => {
    expect(reviewDiff(cart("eval(x)"), { allowedFiles, policy })).toEqual([
      { rule: "dynamicCode", weight: "soft", path: "src/cart.js", line: 10, message: expect.any(String) },
    ]);
  });

  const PROTECTED = [
    ".github/workflows/ci.yml",
    ".gitlab-ci.yml",
    ".env",
    "config/.secrets/x",
    ".cursorrules",
    "AGENTS.md",
    "docs/Claude.md",
    "package.json",
    "packages/a/PACKAGE.JSON",
    "package-lock.json",
    "pnpm-lock.yaml",
    "mix.exs",
    "mix.lock",
    "requirements-dev.txt",
    "Cargo.toml",
    "go.mod",
    "Dockerfile",
    "Dockerfile.prod",
    "docker-compose.yml",
    "compose.override.yaml",
    "Jenkinsfile",
    "deploy/run.js",
    "src/auth/token.js",
    "src/userAuth.ts",
    "lib/session_store.ex",
    "src/crypto.js",
    "src/routes/login.js",
    "priv/repo/migrations/1_add.exs",
    "db/structure.sql",
    "vitest.config.ts",
    "tsconfig.json",
    "Makefile",
    "scripts/run.sh",
    "node_modules/x/index.js",
    "legacy/deep/er.js",
    "src/cart.gen.js",
  ];

  it.each(PROTECTED)("protects %s", (path) => {
    expect(rulesOf(change(path, ["a"], ["b"]), [path])).toContain("soft:protectedPath");
  });

  it.each([
    "src/author.js",
    "src/cart.js",
    "lib/tokenizer.js",
    "src/legacy.js",
    "src/x/cart.gen.js",
    "src/keyboard.js",
  ])("leaves %s alone", (path) => {
    expect(rulesOf(change(path, ["a"], ["b"]), [path])).toEqual([]);
  });

  it("never throws", () => {
    const piece = fc.oneof(
      fc.string({ unit: "binary" }),
      fc.constantFrom(
        "diff --git a/x b/x",
        "@@ -1,2 +1 @@",
        "@@ -1 +1,99999999999 @@",
        "+a",
        "-b",
        " c",
        "\\ No newline",
        "",
      ),
      fc.constantFrom(
        'diff --git "a/\\303\\244" "b/\\q"',
        "rename from x",
        "GIT binary patch",
        "--- a/x",
        "+++ /dev/null",
      ),
    );
    fc.assert(
      fc.property(fc.array(piece), (pieces) => {
        const found = reviewDiff(pieces.join("\n"), { allowedFiles, policy });
        expect(found.every((f) => f.weight === "hard" || f.weight === "soft")).toBe(true);
      }),
    );
  });

  it("always finds a protected file, wherever in the diff it is", () => {
    const ordinary = fc.constantFrom(BUILT_DIFF, adding("test/cart.test.js", ["it('x', () => {});"]), cart("a;"));
    const entry = fc
      .constantFrom(...PROTECTED)
      .chain((path) =>
        fc.constantFrom(
          change(path, ["a"], ["b"]),
          adding(path, ["a"]),
          `diff --git a/${path} b/${path}\ndeleted file mode 100644\nindex 1..0\n`,
          `diff --git a/src/cart.js b/${path}\nsimilarity index 100%\nrename from src/cart.js\nrename to ${path}\n`,
          `diff --git a/${path} b/src/cart.js\nsimilarity index 100%\ncopy from ${path}\ncopy to src/cart.js\n`,
          `diff --git a/${path} b/${path}\nold mode 100644\nnew mode 100755\n`,
        ),
      );
    fc.assert(
      fc.property(fc.array(ordinary), entry, fc.array(ordinary), (before, hit, after) => {
        expect(rulesOf([...before, hit, ...after].join(""))).toContain("soft:protectedPath");
      }),
    );
  });
});

describe("what git itself prints", () => {
  let dir: string;
  const git = (...args: string[]) => execFileSync("git", ["-C", dir, ...args], { encoding: "utf8" });
  const write = (path: string, content: string) => {
    mkdirSync(dirname(join(dir, path)), { recursive: true });
    writeFileSync(join(dir, path), content);
  };
  const diff = () => {
    git("add", "-A");
    return git("diff", "--cached", "HEAD", "--binary", "-M");
  };

  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), "selfheal-diff-"));
    git("init", "-q");
    write("src/cart.js", Array.from({ length: 20 }, (_, i) => `line ${i};\n`).join(""));
    write("test/cart.test.js", "assert(1);\n");
    git("add", "-A");
    git("-c", "user.name=a", "-c", "user.email=a@b", "commit", "-q", "-m", "start");
  });
  afterEach(() => rmSync(dir, { recursive: true, force: true }));

  it("reads quoted and spaced names, and files without a last newline", () => {
    const names = ["src/my cart.js", "src/kätzchen.js", 'src/a"b.js', "src/tab\there.js", "src/a b/b c.js"];
    for (const name of names) write(name, "no newline");
    const read = readDiff(diff());
    expect(read.kind === "read" && read.files.map((f) => f.newPath).sort()).toEqual(names.sort());
  });

  it("reads a change at the end of a file without newline", () => {
    write("src/cart.js", "line 0;");
    expect(rulesOf(diff())).toEqual([]);
  });

  it("finds a renamed source file outside of the plan", () => {
    renameSync(join(dir, "src/cart.js"), join(dir, "src/basket of.js"));
    expect(rulesOf(diff())).toEqual(["soft:outsidePlan"]);
  });

  it("refuses a deleted test, and one that is moved out of the suite", () => {
    rmSync(join(dir, "test/cart.test.js"));
    expect(rulesOf(diff())).toEqual(["hard:deletedTest"]);
    write("src/unused.js", "assert(1);\n");
    expect(rulesOf(diff())).toContain("hard:deletedTest");
  });

  it("wants a person for a test that is moved inside the suite", () => {
    renameSync(join(dir, "test/cart.test.js"), join(dir, "test/cart.spec.js"));
    expect(rulesOf(diff())).toEqual(["soft:movedTest"]);
  });

  it("wants a person for a deleted source file", () => {
    rmSync(join(dir, "src/cart.js"));
    expect(rulesOf(diff())).toEqual(["soft:deletedFile"]);
  });

  it("refuses a symbolic link, an executable and a binary file", () => {
    symlinkSync("/etc/passwd", join(dir, "src/link.js"));
    chmodSync(join(dir, "src/cart.js"), 0o755);
    write("src/blob.bin", "\0\u0001\0");
    expect(rulesOf(diff()).filter((r) => r.startsWith("hard:"))).toEqual([
      "hard:binaryPatch",
      "hard:executableMode",
      "hard:symlink",
    ]);
  });

  it("reads whatever text git can print", () => {
    const line = fc.string({ unit: "grapheme" }).filter((s) => !/[\0\n\r]/.test(s));
    const body = fc.array(
      fc.oneof(line, fc.constantFrom("--- a/x", "+++ b/x", "@@ -1 +1 @@", "diff --git a/x b/x", "\\ No")),
    );
    fc.assert(
      fc.property(body, (lines) => {
        write("src/cart.js", lines.join("\n"));
        const read = readDiff(diff());
        expect(read.kind === "read" && read.files.map((f) => f.newPath ?? f.oldPath)).toEqual(["src/cart.js"]);
      }),
      { numRuns: 25 },
    );
  });
});
