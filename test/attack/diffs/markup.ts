/** A text before and after an edit, and the offset in `before` at which the base crashes. */
export interface Edited {
  before: string;
  after: string;
  crashAt: number | null;
}

const PARTS = /\{-([\s\S]*?)-\}(?:\{\+([\s\S]*?)\+\})?|\{\+([\s\S]*?)\+\}/g;
const CRASH = "<!>";

/**
 * Expands the markup of a case's text. `{-old-}{+new+}` is a replacement, each half may stand alone; `<!>` in the old
 * text is the place of the crash; `<U+202E>` is that character; `<REPEAT 600 x>` is `x` 600 times; `<+>` is nothing: it
 * keeps invented keys from looking like keys in this repository.
 *
 * @example
 * expandEdits("return u.<!>name{+ ?? \"\"+};\n"); // before: "return u.name;\n", after: "return u.name ?? \"\";\n"
 */
export function expandEdits(text: string): Edited {
  const before = expandCharacters(text.replace(PARTS, (_all, old: string | undefined) => old ?? ""));
  const after = expandCharacters(
    text.replace(PARTS, (_all, _old, replaced?: string, added?: string) => replaced ?? added ?? ""),
  );
  const crashAt = before.indexOf(CRASH);
  return {
    before: before.replace(CRASH, ""),
    after: after.replace(CRASH, ""),
    crashAt: crashAt < 0 ? null : crashAt,
  };
}

/** Expands the markup of single characters and repetitions. */
export function expandCharacters(text: string): string {
  return text
    .replaceAll("<+>", "")
    .replace(/<U\+([0-9A-F]{4,6})>/g, (_all, code: string) => String.fromCodePoint(Number.parseInt(code, 16)))
    .replace(/<REPEAT (\d+) ([^>]*)>/g, (_all, times: string, piece: string) => piece.repeat(Number(times)));
}
