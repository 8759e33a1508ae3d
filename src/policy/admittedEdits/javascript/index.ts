import type { SgNode } from "@ast-grep/napi";
import {
  argumentsOf,
  findKinds,
  functionName,
  isFunction,
  parametersOf,
  same,
  statementOf,
} from "../../../syntax/scriptNodes.ts";
import type { Dialect } from "../dialect.ts";
import { effectsIn, writtenIn } from "./effects.ts";
import { earlyReturn, FORMS } from "./forms.ts";
import { namesIn, readsOf } from "./names.ts";
import { isPlainChain } from "./presence.ts";
import { isPureCall } from "./pureCalls.ts";
import { callbackUse, roundsOver, useOf } from "./valueUse.ts";

const LISTS = /^(?:program|statement_block|class_body|switch_case|switch_default|class_static_block)$/;
const TEXTS = /^(?:string|template_string|regex|jsx_text|string_fragment|jsx_element|hash_bang_line)$/;
/** Statuses that deny. */
const DENIES = /(?<![\w.])(?:401|403|407|429)(?![\w.])/;

/** JavaScript and TypeScript for the comparison of syntax trees. */
export const javascript: Dialect = {
  isComment: (node) => node.kind() === "comment",
  isList: (node) => LISTS.test(String(node.kind())),
  isText: (node) => TEXTS.test(String(node.kind())),
  isDocumentation: () => false,
  localOf(statement) {
    const [declarator, more] = statement.kind() === "lexical_declaration" ? statement.namedChildren() : [];
    const [name, value] = [declarator?.field("name"), declarator?.field("value")];
    if (name?.kind() !== "identifier" || value == null || more !== undefined) return null;
    return isPlainChain(value) && !value.text().includes("!") ? { name, value } : null;
  },
  isRead: (name) => readsOf(name, [name.text()]).some((read) => same(read, name)) && !isWritten(name),
  isLabel: (name) => name.kind() === "property_identifier",
  forms: FORMS,
  insertion: earlyReturn,
  use: useOf,
  isPure: isPureCall,
  effectsIn,
  writtenIn,
  roundsOver,
  functionsAround: (node) => [node, ...node.ancestors()].filter(isFunction),
  namesOf: (fn) => [
    functionName(fn) ?? "",
    ...fn
      .ancestors()
      .filter((a) => /^(?:class_declaration|class)$/.test(String(a.kind())))
      .map((a) => a.field("name")?.text() ?? ""),
  ],
  callbackUse,
  calledName: functionName,
  callsOf(root, name, fn) {
    const reads =
      fn?.children().some((child) => child.text() === "get") === true
        ? findKinds(root, "member_expression").filter((node) => node.field("property")?.text() === name)
        : [];
    const called = findKinds(root, "call_expression").filter((call) => {
      const callee = call.field("function");
      return callee?.text() === name || callee?.field("property")?.text() === name;
    });
    const mentions = findKinds(root, "identifier", "shorthand_property_identifier", "member_expression").filter(
      (node) => {
        const isName =
          node.kind() === "member_expression" ? node.field("property")?.text() === name : node.text() === name;
        return isName && isGivenAway(node);
      },
    );
    return { calls: [...called, ...reads], mentions };
  },
  aliasesOf: (root, name) => [
    ...findKinds(root, "import_specifier", "export_specifier")
      .filter((one) => one.field("name")?.text() === name)
      .flatMap((one) => one.field("alias")?.text() ?? []),
    ...findKinds(root, "variable_declarator", "assignment_expression")
      .filter((one) =>
        new RegExp(`(?:^|\\.)${name.replaceAll("$", "\\$")}$`).test(
          (one.field("value") ?? one.field("right"))?.text() ?? "",
        ),
      )
      .flatMap((one) => /[\w$]+$/.exec((one.field("name") ?? one.field("left"))?.text() ?? "")?.[0] ?? []),
  ],
  calleesIn(node) {
    const statement = statementOf(node) ?? node;
    return findKinds(statement, "call_expression").flatMap((call) => {
      const callee = call.field("function");
      return callee?.kind() === "identifier" ? [callee.text()] : [];
    });
  },
  definitionsOf: (root, name) =>
    [root, ...root.findAll({ rule: { any: FUNCTION_KINDS.map((kind) => ({ kind })) } })].filter(
      (node) => isFunction(node) && functionName(node) === name,
    ),
  readsOfParameter(fn, index) {
    const parameter = parametersOf(fn)[index];
    if (
      parameter === undefined ||
      parametersOf(fn)
        .slice(0, index + 1)
        .some((p) => /^rest/.test(String(p.pattern.kind())))
    )
      return null;
    const body = fn.field("body");
    return body === null ? null : readsOf(fn, namesIn(parameter.pattern)).filter((read) => isWithin(read, body));
  },
  caughtAround(node) {
    const promise = rejectionHandler(node);
    if (promise !== null && leavesEarly(promise)) return "the rejection is caught around it, and the handler decides";
    for (const ancestor of node.ancestors()) {
      if (isFunction(ancestor)) return null;
      if (ancestor.kind() !== "try_statement") continue;
      const handler = ancestor.field("handler");
      const body = ancestor.field("body");
      if (handler === null || body === null || !isWithin(node, body)) continue;
      if (leavesEarly(handler)) return "the exception is caught around it, and the handler decides";
    }
    return null;
  },
  decidesByBody,
  wordsIn: (node) =>
    [node, ...findKinds(node, "identifier", "property_identifier", "shorthand_property_identifier", "string_fragment")]
      .filter((n) => n.children().length === 0)
      .map((n) => n.text()),
  boundNames: (node) => {
    const name = node.field("name") ?? node.field("left") ?? node.field("pattern");
    return name === null ? namesIn(node) : namesIn(name);
  },
};

const FUNCTION_KINDS = [
  "function_declaration",
  "function_expression",
  "generator_function",
  "generator_function_declaration",
  "arrow_function",
  "method_definition",
];

/** Whether a name is given to a call as a value, or kept under another name. */
function isGivenAway(node: SgNode): boolean {
  const parent = node.parent();
  const kind = String(parent?.kind() ?? "");
  return kind === "arguments" || (kind === "pair" && same(parent?.field("value") ?? null, node)) || kind === "array";
}

function isWritten(name: SgNode): boolean {
  const parent = name.parent();
  return (
    parent?.kind() === "update_expression" ||
    (/assignment_expression$/.test(String(parent?.kind())) && same(parent?.field("left") ?? null, name))
  );
}

function isWithin(node: SgNode, outer: SgNode): boolean {
  return same(node, outer) || node.ancestors().some((a) => same(a, outer));
}

/** The handler of `promise.catch(handler)` or `.then(f, handler)` around a node, through functions that are arguments. */
function rejectionHandler(node: SgNode): SgNode | null {
  for (const ancestor of node.ancestors()) {
    if (isFunction(ancestor) && ancestor.parent()?.kind() !== "arguments") return null;
    const callee = ancestor.kind() === "call_expression" ? ancestor.field("function") : null;
    const name = callee?.field("property")?.text() ?? "";
    const object = callee?.field("object") ?? null;
    if (!/^(?:catch|then)$/.test(name) || object === null || !isWithin(node, object)) continue;
    const handler = argumentsOf(ancestor)[name === "catch" ? 0 : 1];
    if (handler !== undefined) return handler;
  }
  return null;
}

/**
 * Whether a handler gives another result than the ordinary answer to an error: it leaves, denies, redirects, answers with
 * a value, or notes the failure in a variable.
 */
function leavesEarly(handler: SgNode): boolean {
  const answers = handler.kind() === "arrow_function" && handler.field("body")?.kind() !== "statement_block";
  return (
    (answers && !/^[\w$.]+\(/.test(handler.field("body")?.text() ?? "")) ||
    handler.has({
      rule: {
        any: [
          "return_statement",
          "break_statement",
          "continue_statement",
          "assignment_expression",
          "augmented_assignment_expression",
          "update_expression",
        ].map((kind) => ({ kind })),
      },
    }) ||
    DENIES.test(handler.text()) ||
    /\bredirect\s*\(/.test(handler.text())
  );
}

function decidesByBody(fn: SgNode): string | null {
  const body = fn.field("body");
  if (body === null) return null;
  const numbers = findKinds(body, "number").find((n) => DENIES.test(n.text()));
  if (numbers !== undefined) return `it answers ${numbers.text()}`;
  const names = parametersOf(fn).map((p) => p.pattern.text());
  const next = names.find((name) => /^(?:next|done|proceed)$/.test(name));
  if (next !== undefined && names.length >= 2 && new RegExp(`\\b${next}\\s*\\(`).test(body.text()))
    return `it hands over to ${next}()`;
  if (findKinds(body, "call_expression").some((c) => /(?:^|\.)redirect$/.test(c.field("function")?.text() ?? "")))
    return "it redirects";
  return null;
}
