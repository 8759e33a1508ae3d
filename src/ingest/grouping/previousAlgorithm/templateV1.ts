/** Maximum length of a template in characters. Longer text does not help grouping or titles. */
const MAX = 240;

interface Rule {
  pattern: RegExp;
  by: string;
}

/** A quoted name after one of these words is what the code asked for, so it is part of the problem's identity. */
const NAMED_BEFORE =
  /(?:reading|setting|property|attribute|column|field|key|name|module|function|method|argument|parameter|option|import|export|class|struct|protocol|table|relation|index|variable|evaluating)s?[\s(:]*$/i;
/** A quoted name before one of these words is part of the identity too ("'NoneType' object"). */
const NAMED_AFTER =
  /^ (?:object|is not defined|is not a function|is undefined|is required|has no attribute|does not exist in type)/;
/** A name, a path of names, or a short piece of source: not data. */
const NAME = /^[\p{L}_$@#][\p{L}\d_$.@#/-]{0,80}$/u;

/** What varies between two messages of one problem. The order matters: longer matches come first. */
const RULES: readonly Rule[] = [
  { pattern: /\[scrubbed:[a-z-]{1,20}\]/g, by: "<scrubbed>" },
  { pattern: /[a-z][a-z0-9+.-]{1,20}:\/\/[^\s"'`<>)\]]+/gi, by: "<url>" },
  { pattern: /(?<![\w-])[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}(?![\w-])/gi, by: "<id>" },
  { pattern: /\b\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?(?:Z|[+-]\d\d:?\d\d)?)?/g, by: "<time>" },
  { pattern: /\b\d\d:\d\d:\d\d(?:[.,]\d{1,9})?\b/g, by: "<time>" },
  { pattern: /(?:[A-Za-z]:)?(?<![\w.<])(?:\.{0,2}[\\/][\w.@+-]{1,80}){2,30}/g, by: "<path>" },
  { pattern: /\b0x[0-9a-f]+\b/gi, by: "<id>" },
  // The character at which a parser failed is data.
  { pattern: /(?<=Unexpected (?:token|character|identifier) )(?:'[^']{1,40}'|\S{1,40}?)(?=,? |$)/g, by: "<token>" },
  { pattern: /(?<![\w.])[-+]?\d+(?:[.,]\d+)*(?:e[-+]?\d+)?[a-z%]{0,2}(?!\w)/gi, by: "<number>" },
  { pattern: /(?<![\w<])(?=[\w-]{0,200}\d)[\p{L}\d_-]{2,200}(?![\w>])/gu, by: "<id>" },
];

/**
 * Frozen: the template of algorithm 1. Replaces what varies from one Event to the next: ids, addresses, numbers, times
 * and quoted data. Names of the program stay ("reading 'name'"). Only the first line that is not blank counts, because
 * the others are usually dumps.
 */
export function messageTemplateV1(message: string): string {
  const first = message.split("\n", 20).find((line) => line.trim() !== "") ?? "";
  let text = maskQuoted(first.slice(0, 1000));
  for (const { pattern, by } of RULES) text = text.replace(pattern, by);
  return text.replace(/\s+/g, " ").trim().slice(0, MAX);
}

function maskQuoted(text: string): string {
  if (/^(?:'[^']{1,80}'|"[^"]{1,80}"|:\w{1,80})$/.test(text) && NAME.test(text.replace(/^['":]|['"]$/g, "")))
    return text;
  return text.replace(
    /(?<![\p{L}\d])(["'`])((?:(?!\1)[^\n])*)\1/gu,
    (whole, quote: string, inner: string, at: number) => {
      const before = text.slice(Math.max(0, at - 24), at);
      const named =
        NAMED_BEFORE.test(before) || NAMED_AFTER.test(text.slice(at + whole.length, at + whole.length + 40));
      return named && NAME.test(inner) && !/\d{3}/.test(inner) ? `${quote}${inner}${quote}` : "<text>";
    },
  );
}
