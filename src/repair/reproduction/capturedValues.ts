import type { Shape } from "./probe/shape.ts";

/** A captured variable. isWhole: nothing in it was scrubbed, truncated or omitted. */
export interface CapturedValue {
  shape: Shape;
  isWhole: boolean;
}

const UNDEFINED_MARK = /^(?:<undefined>|\[undefined\]|undefined)$/;
const NULL_MARK = /^(?:<null>|\[null\])$/;
const FUNCTION_MARK = /^(?:<(?:anonymous )?[fF]unction[^>]*>|\[(?:Async)?Function[^\]]*\])$/;
const LIST_MARK = /^(?:<Array[^>]*>|\[Array[^\]]*\])$/;
const OBJECT_MARK = /^(?:<[A-Z][\w$]*>|\[[A-Z][\w$]*(?:: [^\]]*)?\])$/;
/** Keys that selfheal's own client adds: the class of an instance, and a mark for omitted members. */
const CLASS = "<class>";
const CUT = "…";
/** Values that a scrubber removed or a client truncated. */
const GONE = /\[scrubbed:|^\[Filtered\]$|^\[Circular|^<circular|…$|\.\.\.$|^\[object /i;
const MAX_DEPTH = 12;

/**
 * Captured variables by name, as values to call with. Clients and scrubbers replace some values with a word
 * (`<Object>`, `[Array]`, `[scrubbed:secret]`). The minimal value of that type replaces such a word, and the variable
 * is not whole.
 */
export function capturedValues(vars: Readonly<Record<string, string>>): Map<string, CapturedValue> {
  return new Map(Object.entries(vars).map(([name, text]) => [name, captured(text)]));
}

function captured(text: string): CapturedValue {
  if (text === "undefined") return whole({ k: "undef" });
  try {
    return read(JSON.parse(text), 0);
  } catch {
    // Truncated, or scrubbed as text.
    return part({ k: "undef" });
  }
}

function read(value: unknown, depth: number): CapturedValue {
  if (value === null || typeof value === "number" || typeof value === "boolean") return whole({ k: "lit", v: value });
  if (typeof value === "string") return readWord(value);
  if (depth > MAX_DEPTH || typeof value !== "object") return part({ k: "undef" });
  if (Array.isArray(value)) {
    const items = value.map((item) => read(item, depth + 1));
    return {
      shape: { k: "arr", items: items.map((item) => item.shape) },
      isWhole: items.every((item) => item.isWhole),
    };
  }
  const isAll = !Object.hasOwn(value, CLASS) && !Object.hasOwn(value, CUT);
  const inner = Object.entries(value)
    .filter(([name]) => name !== "__proto__" && name !== CLASS && name !== CUT)
    .map(([name, below]) => [name, read(below, depth + 1)] as const);
  const props = Object.fromEntries(inner.map(([name, below]) => [name, below.shape]));
  return { shape: { k: "obj", props }, isWhole: isAll && inner.every(([, below]) => below.isWhole) };
}

function readWord(text: string): CapturedValue {
  if (UNDEFINED_MARK.test(text)) return whole({ k: "undef" });
  if (NULL_MARK.test(text)) return whole({ k: "lit", v: null });
  if (GONE.test(text)) return part({ k: "lit", v: "a" });
  if (FUNCTION_MARK.test(text)) return part({ k: "fn", returns: { k: "undef" } });
  if (LIST_MARK.test(text)) return part({ k: "arr", items: [] });
  return OBJECT_MARK.test(text) ? part({ k: "obj", props: {} }) : whole({ k: "lit", v: text });
}

function whole(shape: Shape): CapturedValue {
  return { shape, isWhole: true };
}

function part(shape: Shape): CapturedValue {
  return { shape, isWhole: false };
}
