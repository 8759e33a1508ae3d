import type { Finding } from "../../domain/evidence.ts";
import { withoutEmojiJoiners } from "../../domain/plainText.ts";
import type { Scanner } from "../../domain/ports/scanner.ts";
import { type Hit, newHits } from "./newHits.ts";

/** Characters that are invisible or change how text is displayed. */
const KINDS: readonly { name: string; pattern: RegExp }[] = [
  { name: "bidirectional control", pattern: /[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu },
  // A joiner between emoji and the emoji selector after an emoji are normal.
  {
    name: "zero-width character",
    pattern: /[\u200b\u200c\u2060-\u2064\u180e\ufeff]|(?<!\p{Extended_Pictographic}|\ufe0f)\u200d/gu,
  },
  { name: "tag character", pattern: /[\u{e0000}-\u{e007f}]/gu },
  { name: "variation selector", pattern: /[\ufe00-\ufe0e\u{e0100}-\u{e01ef}]|(?<!\p{Emoji})\ufe0f/gu },
  { name: "invisible letter", pattern: /[\u115f\u1160\u3164\uffa0\u00ad]/gu },
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
  { name: "control character", pattern: /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f]/gu },
];
const WORD = /[\p{L}\p{M}\p{N}_$]+/gu;
const LOOKALIKE = /[\p{Script=Cyrillic}\p{Script=Greek}\p{Script=Armenian}\p{Script=Cherokee}]/u;
const FULL_WIDTH = /[\uff21-\uff3a\uff41-\uff5a]|[\u{1d400}-\u{1d7ff}]/u;

/**
 * Finds invisible Unicode, and words that mix look-alike scripts, in what a patch adds. Such code is not what it looks
 * like.
 */
export function createInvisibleScanner(): Scanner {
  return {
    name: "invisible",
    async scan(change) {
      const inNames = [...change.after.keys()]
        .filter((path) => !change.before.has(path) || change.before.get(path) === "")
        .flatMap((path) => hiddenIn(path).map((hit): Finding => ({ ...findingOf(hit), path, line: 0 })));
      return [...(await newHits(change, (_path, content) => hiddenIn(content.replace(/^\ufeff/, "")))), ...inNames];
    },
  };
}

function findingOf({ rule, weight, message }: Hit): Pick<Finding, "rule" | "weight" | "message"> {
  return { rule, weight, message };
}

function hiddenIn(content: string): Hit[] {
  const hits: Hit[] = [];
  const add = (i: number, message: string, text: string) =>
    hits.push({ rule: "invisibleUnicode", weight: "hard", line: i + 1, message, text });
  for (const [i, whole] of content.split("\n").entries()) {
    const line = withoutEmojiJoiners(whole);
    for (const { name, pattern } of KINDS) {
      for (const match of line.replace(/\r$/, "").matchAll(pattern))
        add(i, `${name} ${codePoint(match[0])}`, match[0] + line);
    }
    for (const [word] of line.matchAll(WORD)) {
      if (/[A-Za-z]/.test(word) && (LOOKALIKE.test(word) || FULL_WIDTH.test(word)))
        add(i, "a word mixes look-alike scripts", word);
    }
  }
  return hits;
}

function codePoint(character: string): string {
  return `U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0")}`;
}
