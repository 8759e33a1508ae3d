import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { diffLines } from "../../../src/dashboard/pages/diffLines.ts";
import { BUILT_DIFF } from "../../helpers/ticketBuilder.ts";

const kinds = (diff: string) => diffLines(diff).map((l) => l.kind);

describe("diffLines", () => {
  it("numbers the lines of both versions", () => {
    const diff = BUILT_DIFF.replace("-10,7 +10,7", "-10,4 +10,4");
    expect(diffLines(diff).map((l) => [l.kind, l.before, l.after])).toEqual([
      ["file", null, null],
      ["meta", null, null],
      ["meta", null, null],
      ["meta", null, null],
      ["hunk", null, null],
      ["context", 10, 10],
      ["context", 11, 11],
      ["remove", 12, null],
      ["add", null, 12],
      ["context", 13, 13],
    ]);
  });

  it("is not fooled by content that looks like the head of a file", () => {
    const lines = [
      "@@ -1,2 +1,2 @@",
      "--- a/harmless",
      "+++ b/harmless",
      "-@@ -1 +1 @@",
      "+diff --git a/x b/x",
      "diff --git a/y b/y",
    ];
    expect(kinds(lines.join("\n"))).toEqual(["hunk", "remove", "add", "remove", "add", "file"]);
  });

  it("counts a hunk without lengths as one line, and not the missing newline at the end", () => {
    const lines = [
      "@@ -1 +1 @@",
      "-a",
      "\\ No newline at end of file",
      "+b",
      "\\ No newline at end of file",
      "@@ -9 +9,0 @@",
      "-c",
    ];
    expect(kinds(lines.join("\n"))).toEqual(["hunk", "remove", "meta", "add", "meta", "hunk", "remove"]);
  });

  it("shows every line, and what cannot be seen", () => {
    expect(diffLines("@@ -0,0 +1 @@\n+if (a\u200B\u202E) {\r").at(1)?.text).toBe("+if (a⟨U+200B⟩⟨U+202E⟩) {⟨U+000D⟩");
    const line = fc.oneof(
      fc.constantFrom(
        "@@ -1,3 +1,3 @@",
        "--- a/x",
        "+++ b/x",
        "diff --git a/x b/x",
        "\\ No newline",
        "",
        " x",
        "-x",
        "+x",
      ),
      fc.stringMatching(/^[ -~]*$/),
    );
    fc.assert(
      fc.property(fc.array(line, { minLength: 1 }), (given) => {
        expect(diffLines(`${given.join("\n")}\n`).map((l) => l.text)).toEqual(given);
      }),
    );
  });
});
