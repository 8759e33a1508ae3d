import type { SgNode } from "@ast-grep/napi";
import { findKinds, lastNameOf, operatorOf } from "../../syntax/scriptNodes.ts";

const MAX_EACH = 8;
const MAX_ANY = 16;

type Value = string | number | boolean | null;

/**
 * The texts and numbers that code compares with, by the name of what is compared (`node.type === "Literal"` gives
 * `type`). A value must be one of them to pass a condition. The key "" has all of them.
 */
export function comparedLiterals(root: SgNode): Record<string, Value[]> {
  const found: Record<string, Value[]> = { "": [] };
  const note = (name: string, value: Value | undefined) => {
    if (value === undefined) return;
    for (const [key, max] of [
      [name, MAX_EACH],
      ["", MAX_ANY],
    ] as const) {
      const list = Object.hasOwn(found, key) ? (found[key] ?? []) : [];
      if (!list.includes(value) && list.length < max) found[key] = [...list, value];
    }
  };
  for (const node of findKinds(root, "binary_expression")) {
    if (!/^[!=]==?$/.test(operatorOf(node))) continue;
    const [left, right] = [node.field("left"), node.field("right")];
    if (left === null || right === null) continue;
    note(lastNameOf(left), constantOf(right));
    note(lastNameOf(right), constantOf(left));
  }
  for (const node of findKinds(root, "switch_statement")) {
    const name = lastNameOf(node.field("value") ?? node);
    for (const part of findKinds(node, "switch_case")) note(name, constantOf(part.field("value")));
  }
  return found;
}

function constantOf(node: SgNode | null): Value | undefined {
  if (node?.kind() === "string") return node.text().slice(1, -1).slice(0, 80);
  if (node?.kind() === "number" && Number.isFinite(Number(node.text()))) return Number(node.text());
  return undefined;
}
