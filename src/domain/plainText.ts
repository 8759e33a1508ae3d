import { stripVTControlCharacters } from "node:util";

/**
 * Characters that a reader cannot see, or that change how other characters are shown: controls, format characters (bidi
 * marks, zero-width characters, the tag block U+E0000), variation selectors, lone surrogates, line separators and
 * Hangul fillers.
 */
const INVISIBLE = /(?![\n\t])[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Variation_Selector}\u{115f}\u{1160}\u{3164}\u{ffa0}]/gu;

/**
 * Makes untrusted text safe for a page, a terminal or a prompt: removes terminal sequences and invisible characters.
 */
export function plainText(text: string): string {
  return stripVTControlCharacters(text).replace(INVISIBLE, "");
}

/** The joiners and selectors inside of an emoji: 👩‍💻 is one character to a reader. */
const INSIDE_EMOJI =
  /(?<=\p{Extended_Pictographic}|\p{Emoji_Modifier}|\ufe0f)\u200d(?=\p{Extended_Pictographic})|(?<=\p{Emoji})\ufe0f/gu;

/** The text without the joiners and selectors inside of emoji, which hide nothing. */
export function withoutEmojiJoiners(text: string): string {
  return text.replace(INSIDE_EMOJI, "");
}

/**
 * For text that is itself under review, such as a diff: shows invisible characters as `⟨U+202E⟩` instead of removing
 * them.
 */
export function revealed(text: string): string {
  return text.replace(INVISIBLE, (char) => {
    const code = char.codePointAt(0) ?? 0;
    return `⟨U+${code.toString(16).toUpperCase().padStart(4, "0")}⟩`;
  });
}
