import type { SgNode } from "@ast-grep/napi";
import { bare } from "../../../syntax/scriptNodes.ts";

/**
 * Whether an expression is an empty value: `undefined`, `null`, `""`, `0`, `[]`, `{}`. A text, another
 * number, a yes or a no is a decision that somebody must take. `"{}"` and `"[]"` are empty where they are parsed as JSON.
 */
export function isEmptyValue(node: SgNode): boolean {
  const inner = bare(node);
  if (/^(?:undefined|null|0|""|''|``|void 0|\[\s*\]|\{\s*\})$/.test(inner.text())) return true;
  return /^(["'])(?:\{\}|\[\])\1$/.test(inner.text()) && isParsed(node);
}

function isParsed(node: SgNode): boolean {
  return node
    .ancestors()
    .slice(0, 4)
    .some((a) => a.kind() === "call_expression" && a.field("function")?.text() === "JSON.parse");
}
