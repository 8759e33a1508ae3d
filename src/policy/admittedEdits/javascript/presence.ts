import type { SgNode } from "@ast-grep/napi";
import { bare, isMember, operatorOf } from "../../../syntax/scriptNodes.ts";

/** A condition that asks only whether values are there. `subjects` are the values. */
export interface PresenceCheck {
  subjects: SgNode[];
  /** true: holds if all are there. false: holds if one is missing. */
  present: boolean;
}

const TYPES = /^["'](?:string|number|object|function|boolean|undefined)["']$/;

/**
 * Reads a condition as a check for presence: `x`, `!!x`, `x != null`, `typeof x === "string"`, `Array.isArray(x)`,
 * `x.length`, `"k" in x`, joined by `&&`; or the opposite, joined by `||`. null: it asks something else.
 */
export function presenceCheck(condition: SgNode): PresenceCheck | null {
  const node = bare(condition);
  const kind = String(node.kind());
  if (kind === "unary_expression" && operatorOf(node) === "!") {
    const inner = presenceCheck(node.field("argument") ?? node);
    return inner === null ? null : { subjects: inner.subjects, present: !inner.present };
  }
  if (isPlainChain(node)) return { subjects: [withoutLength(node)], present: true };
  if (kind === "call_expression") return arrayCheck(node);
  if (kind !== "binary_expression") return null;
  const operator = operatorOf(node);
  const [left, right] = [node.field("left"), node.field("right")];
  if (left === null || right === null) return null;
  if (operator === "&&" || operator === "||") {
    const [one, other] = [presenceCheck(left), presenceCheck(right)];
    if (one === null || other === null || one.present !== other.present) return null;
    return one.present === (operator === "&&")
      ? { subjects: [...one.subjects, ...other.subjects], present: one.present }
      : null;
  }
  if (operator === "in" && isPlainChain(bare(right)) && bare(left).kind() === "string")
    return { subjects: [bare(right)], present: true };
  return comparison(operator, bare(left), bare(right));
}

function arrayCheck(call: SgNode): PresenceCheck | null {
  const [only, more] = call.field("arguments")?.namedChildren() ?? [];
  if (call.field("function")?.text() !== "Array.isArray" || only === undefined || more !== undefined) return null;
  return isPlainChain(bare(only)) ? { subjects: [bare(only)], present: true } : null;
}

function comparison(operator: string, left: SgNode, right: SgNode): PresenceCheck | null {
  const equal = /^={2,3}$/.test(operator);
  if (!equal && !/^!={1,2}$/.test(operator)) return lengthComparison(operator, left, right);
  if (left.kind() === "unary_expression" && operatorOf(left) === "typeof" && TYPES.test(right.text())) {
    const subject = left.field("argument");
    if (subject === null || !isPlainChain(bare(subject))) return null;
    return { subjects: [bare(subject)], present: equal !== /undefined/.test(right.text()) };
  }
  if (/^(?:null|undefined)$/.test(right.text()) && isPlainChain(left)) return { subjects: [left], present: !equal };
  if (right.text() === "0" && isLength(left)) return { subjects: [withoutLength(left)], present: !equal };
  return null;
}

function lengthComparison(operator: string, left: SgNode, right: SgNode): PresenceCheck | null {
  if (operator !== ">" || right.text() !== "0" || !isLength(left)) return null;
  return { subjects: [withoutLength(left)], present: true };
}

function isLength(node: SgNode): boolean {
  return isPlainChain(node) && /\.length$/.test(node.text());
}

function withoutLength(node: SgNode): SgNode {
  return isLength(node) ? (node.field("object") ?? node) : node;
}

/** A name, or names read from it, without calls: `a.b[0]?.c`. */
export function isPlainChain(node: SgNode): boolean {
  const kind = String(node.kind());
  if (kind === "identifier" || kind === "this" || kind === "undefined") return kind !== "undefined";
  if (kind === "non_null_expression") return isPlainChain(bare(node));
  if (!isMember(node)) return false;
  const object = node.field("object");
  const index = node.field("index");
  if (index !== null && !/^(?:string|number|identifier)$/.test(String(index.kind())) && !isPlainChain(index))
    return false;
  return object !== null && isPlainChain(bare(object));
}

/** The text of a chain by which two spellings of one value are compared: without spaces and optional marks. */
export function chainText(text: string): string {
  return text
    .replace(/\s+/g, "")
    .replace(/\?\.(?=\[)/g, "")
    .replace(/\?\./g, ".")
    .replace(/!(?=[.[)]|$)/g, "");
}

/** Whether every subject is read in one of the nodes too. */
export function areRead(subjects: readonly SgNode[], nodes: readonly SgNode[]): boolean {
  const wanted = subjects.map((subject) => chainText(subject.text()));
  const read = new Set(nodes.flatMap((node) => chainsIn(node)));
  return wanted.every((text) => read.has(text));
}

function chainsIn(node: SgNode): string[] {
  const found = node.findAll({
    rule: {
      any: [
        { kind: "identifier" },
        { kind: "member_expression" },
        { kind: "subscript_expression" },
        { kind: "this" },
        { kind: "shorthand_property_identifier" },
      ],
    },
  });
  return [node, ...found].map((one) => chainText(one.text()));
}
