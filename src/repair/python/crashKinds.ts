import type { Exception } from "../../domain/event.ts";

/** What went wrong, read from CPython's message. */
export type PythonCrash =
  /** None where the code expects a value. */
  | { kind: "attribute"; member: string }
  | { kind: "subscript" }
  | { kind: "iterate" }
  | { kind: "contains" }
  | { kind: "length" }
  /** A key that a mapping does not have, in `repr` form. */
  | { kind: "key"; key: string }
  | { kind: "index" }
  | { kind: "zero" };

const MESSAGES: readonly (readonly [RegExp, (match: RegExpExecArray) => PythonCrash])[] = [
  [/'NoneType' object has no attribute '(\w+)'/, (m) => ({ kind: "attribute", member: m[1] ?? "" })],
  [/'NoneType' object is not subscriptable/, () => ({ kind: "subscript" })],
  [/argument of type 'NoneType' is not (?:iterable|a container)/, () => ({ kind: "contains" })],
  [/'NoneType' object is not iterable/, () => ({ kind: "iterate" })],
  [/object of type 'NoneType' has no len/, () => ({ kind: "length" })],
  [/(?:list|tuple|string) index out of range/, () => ({ kind: "index" })],
  [/division by zero|division or modulo by zero|modulo by zero/, () => ({ kind: "zero" })],
];

/** Reads the first line of the message; null when no template covers it. */
export function readPythonCrash({ type, value }: Pick<Exception, "type" | "value">): PythonCrash | null {
  const message = (value.split("\n")[0] ?? "").trim();
  if (/(?:^|\.)KeyError$/.test(type)) return { kind: "key", key: message };
  for (const [pattern, reader] of MESSAGES) {
    const match = pattern.exec(message);
    if (match !== null) return reader(match);
  }
  return null;
}
