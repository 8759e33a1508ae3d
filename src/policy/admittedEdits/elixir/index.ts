import { findKinds, same } from "../../../syntax/scriptNodes.ts";
import { isPlainProse } from "../comments.ts";
import type { Dialect } from "../dialect.ts";
import { FORMS, nilClause } from "./forms.ts";
import {
  argumentsOf,
  bodyOf,
  calleeOf,
  fieldOf,
  headOf,
  isDefinition,
  isFunction,
  isPlainChain,
  operatorOf,
  parts,
  readsOf,
} from "./nodes.ts";
import { callbackUse, effectsIn, isPureCall, roundsOver, useOf } from "./valueUse.ts";

/** Elixir for the comparison of syntax trees. */
export const elixir: Dialect = {
  isComment: (node) => node.kind() === "comment",
  isList: (node) => /^(?:source|do_block|else_block|body)$/.test(String(node.kind())),
  isText: (node) => /^(?:string|quoted_content|charlist|sigil|quoted_atom|atom|heredoc)$/.test(String(node.kind())),
  isDocumentation(statement) {
    const call =
      statement.kind() === "unary_operator" && operatorOf(statement) === "@" ? parts(statement)[0] : undefined;
    const [text, more] = call === undefined || calleeOf(call) !== "doc" ? [] : argumentsOf(call);
    return text?.kind() === "string" && more === undefined && isPlainProse(text.text());
  },
  localOf(statement) {
    if (statement.kind() !== "binary_operator" || operatorOf(statement) !== "=") return null;
    const [name, value] = parts(statement);
    return name?.kind() === "identifier" && value !== undefined && isPlainChain(value) ? { name, value } : null;
  },
  isRead: (name) => readsOf(name, [name.text()]).some((read) => same(read, name)),
  isLabel: (name) => name.parent()?.kind() === "dot" && !same(parts(name.parent() ?? name)[0] ?? null, name),
  forms: FORMS,
  insertion: nilClause,
  use: useOf,
  isPure: isPureCall,
  effectsIn,
  // A variable that is bound in a block is not bound after it.
  writtenIn: () => ({ reads: [], values: [], yesNo: false }),
  roundsOver,
  functionsAround: (node) => [node, ...node.ancestors()].filter(isFunction),
  namesOf: (fn) => [
    isDefinition(fn) ? (headOf(fn)?.name ?? "") : "",
    ...fn
      .ancestors()
      .filter((a) => a.kind() === "call" && calleeOf(a) === "defmodule")
      .map((a) => argumentsOf(a)[0]?.text() ?? ""),
  ],
  callbackUse,
  calledName: (fn) => (isDefinition(fn) ? (headOf(fn)?.name ?? null) : null),
  callsOf(root, name) {
    const calls = findKinds(root, "call").filter((call) => {
      const callee = calleeOf(call);
      const isHead = call.parent()?.kind() === "arguments" && isDefinition(call.parent()?.parent() ?? call);
      return !isHead && fieldOf(call) === null && (callee === name || callee.endsWith(`.${name}`));
    });
    const mentions = findKinds(root, "unary_operator").filter(
      (node) =>
        node.text().startsWith("&") && new RegExp(`(?<!\\w)${name.replace(/[?!]/g, "\\$&")}/\\d`).test(node.text()),
    );
    return { calls, mentions };
  },
  aliasesOf: (root, name) =>
    findKinds(root, "call")
      .filter(
        (call) =>
          calleeOf(call) === "defdelegate" &&
          new RegExp(`\\bas:\\s*:${name.replace(/[?!]/g, "\\$&")}(?!\\w)`).test(call.text()),
      )
      .flatMap((call) => /defdelegate\s*\(?\s*(\w+[?!]?)/.exec(call.text())?.[1] ?? []),
  calleesIn(node) {
    const scope = node.ancestors().find((a) => /^(?:do_block|body)$/.test(String(a.parent()?.kind() ?? ""))) ?? node;
    return findKinds(scope, "call")
      .map(calleeOf)
      .filter((name) => /^[a-z_]\w*[?!]?$/.test(name));
  },
  definitionsOf: (root, name) =>
    findKinds(root, "call").filter((call) => isDefinition(call) && headOf(call)?.name === name),
  readsOfParameter(fn, index) {
    const parameter = headOf(fn)?.args[index];
    const body = bodyOf(fn);
    if (parameter === undefined || body === null || parameter.kind() !== "identifier") return null;
    return readsOf(body, [parameter.text()]).filter(
      (read) => same(read, body) || read.ancestors().some((a) => same(a, body)),
    );
  },
  caughtAround(node) {
    for (const ancestor of node.ancestors()) {
      if (isFunction(ancestor) && !ancestor.text().includes("rescue")) return null;
      if (parts(ancestor).some((part) => part.kind() === "rescue_block"))
        return "the exception is rescued around it, and the handler decides";
    }
    return null;
  },
  decidesByBody(fn) {
    const body = bodyOf(fn)?.text() ?? "";
    const status = /(?<![\w.])(?:401|403|407|429)(?![\w.])|:unauthorized\b|:forbidden\b/.exec(body);
    if (status !== null) return `it answers ${status[0]}`;
    if (/\bhalt\s*\(|\|>\s*halt\b/.test(body)) return "it halts the connection";
    if (/\bredirect\s*\(|\|>\s*redirect\b/.test(body)) return "it redirects";
    const [first, second] = headOf(fn)?.args ?? [];
    return first?.text() === "conn" && /^_?opts$/.test(second?.text() ?? "") ? "it is a plug" : null;
  },
  wordsIn: (node) =>
    [node, ...findKinds(node, "identifier", "atom", "keyword", "quoted_content")]
      .filter((n) => n.children().length === 0)
      .map((n) => n.text()),
  boundNames: (node) => {
    const [left] = parts(node);
    return left === undefined ? [] : [left, ...findKinds(left, "identifier")].map((n) => n.text());
  },
};
