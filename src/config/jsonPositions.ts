import { getNodePath, type Node, type ParseError, parseTree, printParseErrorCode } from "jsonc-parser";
import type { Fault } from "../domain/errors.ts";
import { type Path, pathText } from "./schemaShape.ts";

/** The parsed text of a configuration file: its value, and the line of each path (null: not in the file). */
export type JsonText =
  | { kind: "read"; value: unknown; lineOf(path: Path): number | null }
  | { kind: "broken"; faults: Fault[] };

/**
 * Parses JSON with comments and trailing commas. A duplicate key is a fault, because it is unclear which value counts.
 */
export function readJsonText(text: string): JsonText {
  const errors: ParseError[] = [];
  const root = parseTree(text, errors, { allowTrailingComma: true });
  // One missing character causes many errors; the first one has the right position.
  const first = errors[0];
  if (first !== undefined || root === undefined) {
    const offset = first?.offset ?? 0;
    const what = first === undefined ? "it is empty" : inWords(printParseErrorCode(first.error));
    const message = `line ${lineAt(text, offset)}, column ${columnAt(text, offset)}: ${what}`;
    return { kind: "broken", faults: [{ path: "", message: `is not JSON: ${message}` }] };
  }
  const lines = new Map<string, number>();
  const faults: Fault[] = [];
  const value = plain(root, (node, isTwice) => {
    const path = pathText(getNodePath(node));
    const line = lineAt(text, node.offset);
    if (isTwice) faults.push({ path, message: `is there twice (line ${lines.get(path)} and line ${line})` });
    lines.set(path, line);
  });
  return faults.length > 0
    ? { kind: "broken", faults }
    : { kind: "read", value, lineOf: (path) => lines.get(pathText(path)) ?? null };
}

/** Converts a node to its value. Calls `visit` with the value of every key and list entry. */
function plain(node: Node, visit: (value: Node, isTwice: boolean) => void): unknown {
  const children = node.children ?? [];
  if (node.type === "array") {
    return children.map((child) => {
      visit(child, false);
      return plain(child, visit);
    });
  }
  if (node.type !== "object") return node.value;
  // Without a prototype, a key named __proto__ is an ordinary, unknown key.
  const object: Record<string, unknown> = Object.create(null);
  for (const { children: [name, value] = [] } of children) {
    if (name === undefined || value === undefined) continue;
    visit(value, Object.hasOwn(object, name.value));
    object[name.value] = plain(value, visit);
  }
  return object;
}

/** `CommaExpected` → `comma expected`. */
function inWords(code: string): string {
  return code.replace(/(?<=[a-z])(?=[A-Z])/g, " ").toLowerCase();
}

function lineAt(text: string, offset: number): number {
  return text.slice(0, offset).split("\n").length;
}

function columnAt(text: string, offset: number): number {
  return offset - text.lastIndexOf("\n", offset - 1);
}
