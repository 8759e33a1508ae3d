import type { SgNode } from "@ast-grep/napi";
import { isInBlock, isStatement, operatorOf, statementOf } from "../../syntax/scriptNodes.ts";
import { indentAt, spanOf } from "../../syntax/source.ts";
import type { Edit } from "../candidate.ts";
import { insert, type RepairSite, replace } from "./repairSite.ts";

/** A condition under which an expression is safe, in both polarities. */
export interface Guard {
  /** Template family: `nullGuard`, `typeGuard`… */
  family: string;
  /** True when the expression is safe: `a.b`, `typeof a === 'string'`. */
  yes: string;
  /** True when it is not safe: `!a.b`, `typeof a !== 'string'`. */
  no: string;
  /** The condition in words for people: "a.b is there". */
  words: string;
}

/** The guard that checks the site's missing value for truthiness. */
export function nullGuard(site: RepairSite): Guard {
  return truthGuard(site.subjectText);
}

/** The guard that checks an expression for truthiness. */
export function truthGuard(text: string): Guard {
  return { family: "nullGuard", yes: text, no: negated(text), words: `${text} is there` };
}

/** The text negated with `!`, in parentheses unless it is a plain access or call. */
export function negated(text: string): string {
  return /^[\w$.[\]'"()]+$/.test(text) || /^[\w$.]+\(.*\)$/.test(text) ? `!${text}` : `!(${text})`;
}

/** Changes a term to `yes && term`, which is false when the term is not safe. */
export function andTerm(site: RepairSite, term: SgNode, guard: Guard): Edit {
  const parent = term.parent();
  const inOr = parent?.kind() === "binary_expression" && /^(?:\|\||\?\?)$/.test(operatorOf(parent));
  const inside = `${guard.yes} && ${operand(term)}`;
  return replace(site, term, inOr || needsParentheses(parent) ? `(${inside})` : inside);
}

/** Changes a term to `no || term`, which is true when the term is not safe. */
export function orTerm(site: RepairSite, term: SgNode, guard: Guard): Edit {
  const parent = term.parent();
  const inAnd = parent?.kind() === "binary_expression" && /^(?:&&|\?\?)$/.test(operatorOf(parent));
  const inside = `${guard.no} || ${operand(term)}`;
  return replace(site, term, inAnd || needsParentheses(parent) ? `(${inside})` : inside);
}

/** Changes a value to `yes ? value : otherwise`. */
export function ternary(site: RepairSite, value: SgNode, guard: Guard, otherwise: string): Edit {
  const inside = `${guard.yes} ? ${operand(value)} : ${otherwise}`;
  const parent = value.parent();
  const tight =
    parent !== null &&
    /^(?:binary|unary|ternary|await|spread|member|call)_expression$|^spread_element$/.test(String(parent.kind()));
  return replace(site, value, tight ? `(${inside})` : inside);
}

/**
 * Wraps the statement in `if (yes)`. null when it cannot be wrapped, for example a declaration that later code reads.
 */
export function wrapStatement(site: RepairSite, statement: SgNode, guard: Guard): Edit | null {
  if (/_declaration$/.test(String(statement.kind())) || !isStatement(statement)) return null;
  const { text, indent, eol } = lines(site, statement);
  const whole = statement.text();
  const single = !whole.includes("\n");
  if (single && !site.style.braces) return replace(site, statement, `if (${guard.yes}) ${text}`);
  if (!isInBlock(statement)) return single ? replace(site, statement, `{ if (${guard.yes}) ${text} }`) : null;
  if (whole.includes("`") && !single) return null;
  const unit = site.style.indent;
  const body = whole.split(/\r?\n/).map((line, i) => (i === 0 || line === "" ? line : unit + line));
  return replace(site, statement, `if (${guard.yes}) {${eol}${indent}${unit}${body.join(eol)}${eol}${indent}}`);
}

/**
 * Inserts an early exit (`return …`, `continue`) before the statement, under `if (no)`. null when no statement can be
 * inserted there.
 */
export function leaveBefore(site: RepairSite, node: SgNode, guard: Guard, leave: string): Edit | null {
  const statement = statementOf(node);
  if (statement === null || !isInBlock(statement)) return null;
  const { indent, eol } = lines(site, statement);
  const end = site.style.semicolons ? ";" : "";
  const exit = site.style.braces
    ? `if (${guard.no}) {${eol}${indent}${site.style.indent}${leave}${end}${eol}${indent}}${eol}${indent}`
    : `if (${guard.no}) ${leave}${end}${eol}${indent}`;
  return insert(site, spanOf(statement).start, exit);
}

function lines(site: RepairSite, statement: SgNode): { text: string; indent: string; eol: string } {
  return { text: statement.text(), indent: indentAt(site.source, spanOf(statement).start), eol: site.style.eol };
}

/** The text of a node as an operand of `&&`, `||` and `?:`, in parentheses where needed. */
function operand(node: SgNode): string {
  const loose = /^(?:ternary|assignment|augmented_assignment|arrow_function|yield|sequence|await)/.test(
    String(node.kind()),
  );
  const logical = node.kind() === "binary_expression" && /^(?:&&|\|\||\?\?)$/.test(operatorOf(node));
  return loose || logical ? `(${node.text()})` : node.text();
}

/** Whether an `&&` or `||` expression needs parentheses inside this parent. */
function needsParentheses(parent: SgNode | null): boolean {
  if (parent === null) return false;
  const kind = String(parent.kind());
  if (kind === "binary_expression") return !/^(?:&&|\|\||\?\?)$/.test(operatorOf(parent));
  return /^(?:unary_expression|await_expression|member_expression|call_expression|subscript_expression)$/.test(kind);
}
