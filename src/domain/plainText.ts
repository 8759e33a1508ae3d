import { stripVTControlCharacters } from "node:util";

/**
 * Characters that a reader cannot see, or that change how others are seen: controls, format characters (bidi marks,
 * zero-width, the tag block U+E0000), variation selectors, lone surrogates, line separators, Hangul fillers.
 */
const INVISIBLE = /(?![\n\t])[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Variation_Selector}\u{115f}\u{1160}\u{3164}\u{ffa0}]/gu;

/** Untrusted text for a page, a terminal or a prompt: without terminal sequences and without invisible characters. */
export function plainText(text: string): string {
  return stripVTControlCharacters(text).replace(INVISIBLE, "");
}

/** Text that is itself under review (a diff): invisible characters are shown as `⟨U+202E⟩` rather than dropped. */
export function revealed(text: string): string {
  return text.replace(INVISIBLE, (char) => {
    const code = char.codePointAt(0) ?? 0;
    return `⟨U+${code.toString(16).toUpperCase().padStart(4, "0")}⟩`;
  });
}
