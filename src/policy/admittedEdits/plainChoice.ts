const TEXT = /"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|`(?:[^`\\$]|\\.)*`/g;
const CHAIN = /[\p{L}_$][\p{L}\p{N}_$]*(?:\.[\p{L}_$][\p{L}\p{N}_$]*[?!]?)*/gu;
/** Words and functions of the languages that stand for no value of the program. */
const OWN =
  /^(?:undefined|null|nil|None|true|false|True|False|do|end|else|if|and|or|not|in|is|return|String|Number|Boolean|str|int|float|len|to_string|length|(?:Math|JSON|String|Enum|Array|Integer|Float)\.\w+)$/;

/**
 * Whether a choice by a condition only picks a word: every way is a literal, or is read from what the condition itself
 * asks about (`doc.meta?.title ? doc.meta.title : "untitled"`). Anything else that is shown or left out by a missing value
 * is a decision: `doc.flags?.draft ? "" : doc.body`. All are texts of the source.
 */
export function isPlainChoice(condition: string, ways: readonly string[]): boolean {
  const asked = chainsIn(condition).map((chain) => {
    const parts = chain.split(".");
    return parts.length >= 3 ? parts.slice(0, -1).join(".") : chain;
  });
  return ways.every((way) =>
    chainsIn(way).every((chain) => asked.some((prefix) => chain === prefix || chain.startsWith(`${prefix}.`))),
  );
}

/** The names with what is read from them, in one spelling: `a?.b`, `a[:b]` and `a["b"]` are `a.b`. */
function chainsIn(text: string): string[] {
  const plain = text
    .replace(/\[\s*(?::(\w+)|["'](\w+)["'])\s*\]/g, (_, atom?: string, key?: string) => `.${atom ?? key}`)
    .replace(TEXT, " ")
    .replace(/:\w+|\w+:(?!:)/g, " ")
    .replace(/\s*\?\.\s*|\s*!\.\s*|\s*\.\s*/g, ".");
  return (plain.match(CHAIN) ?? []).filter((chain) => !OWN.test(chain));
}
