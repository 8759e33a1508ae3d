import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { plainText, revealed } from "../../src/domain/plainText.ts";

const CASES: [name: string, given: string, plain: string, shown: string][] = [
  ["leaves ordinary text alone", "naïve 日本語 🙂\n\ttab", "naïve 日本語 🙂\n\ttab", "naïve 日本語 🙂\n\ttab"],
  ["terminal colours", "\u001b[31mred\u001b[0m", "red", "⟨U+001B⟩[31mred⟨U+001B⟩[0m"],
  [
    "terminal hyperlinks",
    "\u001b]8;;http://x\u0007a\u001b]8;;\u0007",
    "a",
    "⟨U+001B⟩]8;;http://x⟨U+0007⟩a⟨U+001B⟩]8;;⟨U+0007⟩",
  ],
  ["bidi overrides", "a\u202Eb\u2066c", "abc", "a⟨U+202E⟩b⟨U+2066⟩c"],
  ["zero width", "a\u200B\u200D\uFEFFb", "ab", "a⟨U+200B⟩⟨U+200D⟩⟨U+FEFF⟩b"],
  ["tag characters", "a\u{E0041}\u{E007F}b", "ab", "a⟨U+E0041⟩⟨U+E007F⟩b"],
  ["variation selectors", "a\uFE0F\u{E0100}b", "ab", "a⟨U+FE0F⟩⟨U+E0100⟩b"],
  ["carriage return and delete", "a\rb\u007F", "ab", "a⟨U+000D⟩b⟨U+007F⟩"],
  ["lone surrogates and line separators", "a\uD800b\u2028c", "abc", "a⟨U+D800⟩b⟨U+2028⟩c"],
];

describe("plainText and revealed", () => {
  it.each(CASES)("%s", (_name, given, plain, shown) => {
    expect(plainText(given)).toBe(plain);
    expect(revealed(given)).toBe(shown);
  });

  it("leaves nothing to strip a second time", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        expect(plainText(plainText(text))).toBe(plainText(text));
        expect(plainText(revealed(text))).toBe(revealed(text));
      }),
    );
  });
});
