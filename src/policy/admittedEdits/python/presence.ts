import type { SgNode } from "@ast-grep/napi";
import { argumentsOf, bare, calleeName, isPlainChain, parts } from "./nodes.ts";

/** A condition that asks only whether values are there, as in `javascript/presence.ts`. */
export interface PresenceCheck {
  subjects: SgNode[];
  present: boolean;
}

const TYPES = /^(?:str|int|float|dict|list|tuple|set|bytes|bool)$/;

/** Reads `x`, `x is not None`, `"k" in d`, `isinstance(x, str)`, `hasattr(x, "a")`, `len(x) > 0`, `not …`, and/or. */
export function presenceCheck(condition: SgNode): PresenceCheck | null {
  const node = bare(condition);
  const kind = String(node.kind());
  if (isPlainChain(node)) return { subjects: [node], present: true };
  if (kind === "not_operator") {
    const inner = presenceCheck(parts(node)[0] ?? node);
    return inner === null ? null : { subjects: inner.subjects, present: !inner.present };
  }
  if (kind === "boolean_operator") {
    const [left, right] = [node.field("left"), node.field("right")];
    const [one, other] = [left === null ? null : presenceCheck(left), right === null ? null : presenceCheck(right)];
    if (one === null || other === null || one.present !== other.present) return null;
    return one.present === (node.field("operator")?.text() === "and")
      ? { subjects: [...one.subjects, ...other.subjects], present: one.present }
      : null;
  }
  if (kind === "call") return callCheck(node);
  return kind === "comparison_operator" ? comparison(node) : null;
}

function callCheck(call: SgNode): PresenceCheck | null {
  const [subject, type, more] = argumentsOf(call);
  if (subject === undefined || type === undefined || more !== undefined || !isPlainChain(bare(subject))) return null;
  const known =
    (calleeName(call) === "isinstance" && TYPES.test(type.text())) ||
    (calleeName(call) === "hasattr" && type.kind() === "string");
  return known ? { subjects: [bare(subject)], present: true } : null;
}

function comparison(node: SgNode): PresenceCheck | null {
  const [left, right, more] = parts(node);
  if (left === undefined || right === undefined || more !== undefined) return null;
  const operator = node
    .children()
    .filter((child) => !child.isNamed() || /^(?:is not|not in)$/.test(String(child.kind())))
    .map((child) => child.text())
    .join(" ");
  const [one, other] = [bare(left), bare(right)];
  if (other.text() === "None" && isPlainChain(one)) {
    if (/^(?:is not|!=)$/.test(operator)) return { subjects: [one], present: true };
    return /^(?:is|==)$/.test(operator) ? { subjects: [one], present: false } : null;
  }
  if (
    /^(?:in|not in)$/.test(operator) &&
    isPlainChain(other) &&
    /^(?:string|identifier|attribute|integer)$/.test(String(one.kind()))
  )
    return { subjects: [other], present: operator === "in" };
  const counted = one.kind() === "call" && calleeName(one) === "len" ? argumentsOf(one)[0] : undefined;
  if (counted === undefined || other.text() !== "0" || !isPlainChain(bare(counted))) return null;
  if (/^(?:>|!=)$/.test(operator)) return { subjects: [bare(counted)], present: true };
  return operator === "==" ? { subjects: [bare(counted)], present: false } : null;
}
