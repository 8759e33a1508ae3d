/** The type and the message of an exception, in the words of one runtime. */
export interface ThrownMessage {
  type: string;
  value: string;
}

interface Translation {
  pattern: RegExp;
  /** The message in Chrome's words. `$1` refers to a group of the pattern. */
  value: string;
  type?: string;
}

/**
 * Messages of Firefox and Safari, and their equivalents in Chrome. Every pattern is anchored and bounded. Firefox and
 * Safari do not distinguish reading from setting, and receivers get new names with every build, so both are left out.
 * The texts are those of the engines of 2018 to 2025.
 */
const TRANSLATIONS: readonly Translation[] = [
  {
    pattern: /^Cannot (?:read|set) properties of (undefined|null) \((?:reading|setting) '([^']{1,120})'\)$/,
    value: "Cannot read properties of $1 (reading '$2')",
  },
  {
    pattern: /^Cannot (?:read|set) property '([^']{1,120})' of (undefined|null)$/,
    value: "Cannot read properties of $2 (reading '$1')",
  },
  {
    pattern: /^can't access property "([^"]{1,120})", .{1,300} is (undefined|null)$/,
    value: "Cannot read properties of $2 (reading '$1')",
  },
  {
    pattern:
      /^(undefined|null) is not an object \(evaluating '(?:[^'\n]{0,300}[.])?([\w$]{1,120})(?: = [^'\n]{0,300})?'\)$/,
    value: "Cannot read properties of $1 (reading '$2')",
  },
  {
    pattern: /^(?:[^\n]{0,300}[.])?([\w$]{1,120}) is not a function(?:\. \(In .{0,500})?$/,
    value: "$1 is not a function",
  },
  {
    pattern: /^undefined is not a function \((?:evaluating|near) '(?:[^'(\n]{0,300}[.])?([\w$]{1,120})\(.{0,500}$/,
    value: "$1 is not a function",
  },
  {
    pattern: /^(?:[^\n]{0,300}[.])?([\w$]{1,120}) is not a constructor(?: \(evaluating .{0,500})?$/,
    value: "$1 is not a constructor",
  },
  { pattern: /^Can't find variable: ([\w$]{1,120})$/, value: "$1 is not defined" },
  {
    pattern: /^(?:can't access lexical declaration|Cannot access) ['"]?([\w$]{1,120})['"]? before initialization$/,
    value: "Cannot access '$1' before initialization",
  },
  {
    pattern:
      /^(?:Assignment to constant variable|invalid assignment to const .{1,120}|Attempted to assign to readonly property)$/,
    value: "Assignment to constant variable",
  },
  {
    pattern:
      /^(?:JSON\.parse: unexpected end of data.{0,100}|JSON Parse error: Unexpected EOF|Unexpected end of JSON input)$/,
    value: "Unexpected end of JSON input",
  },
  {
    pattern:
      /^(?:JSON\.parse: .{1,200}|JSON Parse error: .{1,200}|Unexpected token .{1,300}(?:in JSON at position \d{1,9}.{0,60}|is not valid JSON))$/,
    value: "Unexpected token in JSON",
  },
  {
    pattern:
      /^(?:Failed to fetch|NetworkError when attempting to fetch resource|Load failed|Network request failed)(?: \([\w.:-]{1,200}\))?$/,
    value: "Failed to fetch",
  },
  {
    pattern: /^(?:Maximum call stack size exceeded|too much recursion)$/,
    value: "Maximum call stack size exceeded",
    type: "RangeError",
  },
];

/** `window.onerror` and unhandled rejections put the type into the text. */
const UNCAUGHT = /^Uncaught (?:\(in promise\) )?(?:([A-Z]\w{0,60}(?:Error|Exception)): )?/;

/**
 * Returns the exception in Chrome's words. Callers use it only for JavaScript runtimes and leave other messages
 * unchanged.
 */
export function canonicalMessage({ type, value }: ThrownMessage): ThrownMessage {
  const first = (value.split("\n", 20).find((line) => line.trim() !== "") ?? "").trim().slice(0, 1000);
  const uncaught = UNCAUGHT.exec(first);
  const text = first.slice(uncaught?.[0].length ?? 0).replace(/\.$/, "");
  const named = uncaught?.[1] ?? type;
  for (const { pattern, value: by, type: kind } of TRANSLATIONS) {
    if (pattern.test(text)) return { type: kind ?? named, value: text.replace(pattern, by) };
  }
  return { type: named, value: text };
}
