import { parse, type SgNode } from "@ast-grep/napi";
import { scriptLanguageOf } from "../../domain/scriptLanguage.ts";

/**
 * Maximum characters of a source that is parsed. Longer sources are generated, and parsing them costs more than a name
 * is worth.
 */
const MAX_LENGTH = 500_000;

/** A source whose function names can be looked up. */
export interface NamedSource {
  /**
   * The name of the innermost named function around a place, as a runtime would print it. Lines and columns are from 1.
   */
  functionAt(line: number, column: number): string | null;
  /** The text of a line, from 1. */
  line(line: number): string | undefined;
}

/** Parses a source. If the language is unknown or the source too long, only its lines are available. */
export function readNames(path: string, text: string): NamedSource {
  const language = scriptLanguageOf(path);
  const root = language === undefined || text.length > MAX_LENGTH ? null : parse(language, text).root();
  const lines = text.split("\n");
  const starts = [0];
  for (const line of lines) starts.push((starts.at(-1) ?? 0) + line.length + 1);
  return {
    line: (line) => lines[line - 1],
    functionAt: (line, column) => {
      const start = starts[line - 1];
      return root === null || start === undefined ? null : nameAround(root, start + column - 1);
    },
  };
}

function nameAround(root: SgNode, offset: number): string | null {
  let name: string | null = null;
  for (let node: SgNode | undefined = root; node !== undefined; ) {
    name = nameOf(node) ?? name;
    node = node.children().find((child) => holds(child, offset));
  }
  return name;
}

function holds(node: SgNode, offset: number): boolean {
  const { start, end } = node.range();
  return start.index <= offset && offset < end.index;
}

/**
 * The name that a runtime gives a function: its own name, or the name of what it is assigned to. Null if the node is
 * not a function or has no name.
 */
function nameOf(node: SgNode): string | null {
  switch (String(node.kind())) {
    case "function_declaration":
    case "generator_function_declaration":
      return textOf(node.field("name"));
    case "method_definition": {
      const name = textOf(node.field("name"));
      return name === "constructor" ? (textOf(node.parent()?.parent()?.field("name") ?? null) ?? name) : name;
    }
    case "function_expression":
    case "generator_function":
    case "arrow_function":
      return textOf(node.field("name")) ?? givenName(node.parent());
    default:
      return null;
  }
}

function givenName(parent: SgNode | null): string | null {
  switch (String(parent?.kind())) {
    case "variable_declarator":
    case "public_field_definition":
    case "field_definition":
      return textOf(parent?.field("name") ?? parent?.field("property") ?? null);
    case "pair":
      return textOf(parent?.field("key") ?? null);
    case "assignment_expression":
      return textOf(parent?.field("left") ?? null);
    default:
      return null;
  }
}

/** The last name in a text: `save` of `exports.save`. */
function textOf(node: SgNode | null): string | null {
  return node === null ? null : (/([\w$#]{1,200})["'\]]{0,2}$/.exec(node.text().slice(-300))?.[1] ?? null);
}
