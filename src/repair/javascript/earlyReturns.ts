import type { SgNode } from "@ast-grep/napi";
import { bare, exits, findKinds, functionOf, loopOf, parametersOf, same } from "../../syntax/scriptNodes.ts";

/** A way out of the function (or the loop iteration) before the crashing statement. */
export interface EarlyReturn {
  /** The statement: `return null`, `continue`. */
  text: string;
  /** What the caller gets: `return:null`, `skip`. */
  effect: string;
  /** 0 to 1: how strongly the function's own code supports this value. */
  support: number;
}

const LITERALS = /^(?:null|undefined|void 0|true|false|\[\]|\{\}|''|""|-?\d+)$/;

/** How the function returns early elsewhere, best first. Empty when a value is needed and no code shows which. */
export function earlyReturnsOf(node: SgNode): EarlyReturn[] {
  const fn = functionOf(node);
  const leaves: EarlyReturn[] = [];
  if (loopOf(node) !== null) leaves.push({ text: "continue", effect: "continue", support: 0.8 });
  if (fn === null || fn.field("body")?.kind() !== "statement_block") return leaves;
  // Middleware must call the next handler. A plain return would leave the request unanswered.
  if (parametersOf(fn).some((p) => p.pattern.text() === "next"))
    return [...leaves, { text: "return next()", effect: "return:next", support: 0.8 }];
  // The callback of forEach is a loop body: returning from it continues with the next element.
  if (isRound(fn)) return [{ text: "return", effect: "continue", support: 0.8 }];
  if (isConstructor(fn)) return [...leaves, { text: "return", effect: "skip", support: 0.2 }];
  const returns = returnsOf(fn);
  const values = returns.map((r) => r.namedChildren().filter((n) => n.kind() !== "comment")[0] ?? null);
  if (values.every((v) => v === null)) return [...leaves, { text: "return", effect: "skip", support: 0.5 }];
  return [...leaves, ...valued(returns, values)];
}

/** The return statements of the function itself, not of nested functions. */
export function returnsOf(fn: SgNode): SgNode[] {
  return findKinds(fn, "return_statement").filter((r) => same(functionOf(r), fn));
}

function valued(returns: readonly SgNode[], values: readonly (SgNode | null)[]): EarlyReturn[] {
  const counts = new Map<string, { count: number; early: number }>();
  values.forEach((value, i) => {
    const text = value === null ? "" : bare(value).text();
    if (text !== "" && !LITERALS.test(text)) return;
    const at = counts.get(text) ?? { count: 0, early: 0 };
    counts.set(text, { count: at.count + 1, early: at.early + (isEarly(returns[i] ?? null) ? 1 : 0) });
  });
  const leaves = [...counts]
    .sort((a, b) => b[1].early - a[1].early || b[1].count - a[1].count)
    .map(([text, { early }]) => leave(text, early > 0 ? 0.9 : 0.5));
  if (leaves.length > 0) return leaves;
  const first = values.find((v) => v !== null) ?? null;
  const kind = String(first?.kind() ?? "");
  if (kind === "array") return [leave("[]", 0.4)];
  if (first !== null && isBoolean(first)) return [leave("false", 0.5)];
  return [leave("undefined", 0.2), leave("null", 0.15)];
}

function leave(value: string, support: number): EarlyReturn {
  if (value === "" || value === "undefined" || value === "void 0")
    return { text: "return", effect: "return:undefined", support };
  return { text: `return ${value}`, effect: `return:${value}`, support };
}

/** Whether the return is in a branch of a condition: `if (!x) return …`. */
function isEarly(statement: SgNode | null): boolean {
  if (statement === null) return false;
  const holder = statement.ancestors().find((a) => a.kind() === "if_statement");
  return holder !== undefined && exits(holder.field("consequence"));
}

function isBoolean(node: SgNode): boolean {
  const value = bare(node);
  if (value.kind() === "unary_expression") return value.text().startsWith("!");
  return (
    value.kind() === "binary_expression" &&
    /^(?:[=!]==?|[<>]=?|in|instanceof|&&)$/.test(value.field("operator")?.text() ?? "")
  );
}

function isRound(fn: SgNode): boolean {
  const call = fn.parent()?.parent();
  return call?.kind() === "call_expression" && /\.forEach$/.test(call.field("function")?.text() ?? "");
}

function isConstructor(fn: SgNode): boolean {
  return fn.kind() === "method_definition" && fn.field("name")?.text() === "constructor";
}
