import type { SgNode } from "@ast-grep/napi";
import { findKinds, same } from "../../../syntax/scriptNodes.ts";
import { isPlainProse } from "../comments.ts";
import { decidingWord } from "../decisionWords.ts";
import type { Dialect } from "../dialect.ts";
import { earlyReturn, FORMS } from "./forms.ts";
import { functionName, isBinder, isFunction, isLabel, isPlainChain, parts } from "./nodes.ts";
import { isPureCall } from "./pureCalls.ts";
import { callbackUse, effectsIn, readsOf, roundsOver, useOf, writtenIn } from "./valueUse.ts";

/** Python for the comparison of syntax trees. */
export const python: Dialect = {
  isComment: (node) => node.kind() === "comment",
  isList: (node) => /^(?:module|block)$/.test(String(node.kind())),
  isText: (node) =>
    /^(?:string|string_content|string_start|string_end|escape_sequence|concatenated_string)$/.test(String(node.kind())),
  isDocumentation(statement) {
    const [text, more] = statement.kind() === "expression_statement" ? parts(statement) : [];
    const isFirst = same(parts(statement.parent() ?? statement)[0] ?? null, statement);
    return text?.kind() === "string" && more === undefined && isFirst && isPlainProse(text.text());
  },
  localOf(statement) {
    const [write, more] = statement.kind() === "expression_statement" ? parts(statement) : [];
    if (write?.kind() !== "assignment" || more !== undefined || write.field("type") !== null) return null;
    const [name, value] = [write.field("left"), write.field("right")];
    return name?.kind() === "identifier" && value !== null && isPlainChain(value) ? { name, value } : null;
  },
  isRead: (name) => !isBinder(name) && !isLabel(name),
  isLabel,
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
      .filter((a) => a.kind() === "class_definition")
      .map((a) => a.field("name")?.text() ?? ""),
    ...(fn.parent()?.kind() === "decorated_definition"
      ? (fn.parent()?.children() ?? [])
          .filter(
            (c) => c.kind() === "decorator" && !/route|get|post|cache|staticmethod|classmethod|property/.test(c.text()),
          )
          .map((c) => c.text())
      : []),
  ],
  callbackUse,
  calledName: functionName,
  callsOf(root, name, fn) {
    const decorators = fn?.parent()?.kind() === "decorated_definition" ? (fn.parent()?.children() ?? []) : [];
    const isProperty = decorators.some((one) => one.kind() === "decorator" && /property/.test(one.text()));
    const reads = isProperty
      ? findKinds(root, "attribute").filter((node) => node.field("attribute")?.text() === name)
      : [];
    const called = findKinds(root, "call").filter((call) => {
      const callee = call.field("function");
      return callee?.text() === name || callee?.field("attribute")?.text() === name;
    });
    const mentions = findKinds(root, "identifier").filter(
      (node) =>
        node.text() === name &&
        !isLabel(node) &&
        /^(?:argument_list|list|tuple|dictionary|pair|keyword_argument)$/.test(String(node.parent()?.kind() ?? "")),
    );
    return { calls: [...called, ...reads], mentions };
  },
  aliasesOf: (root, name) => [
    ...findKinds(root, "aliased_import")
      .filter((one) => one.field("name")?.text() === name)
      .flatMap((one) => one.field("alias")?.text() ?? []),
    ...findKinds(root, "assignment")
      .filter((one) => new RegExp(`(?:^|\\.)${name}$`).test(one.field("right")?.text() ?? ""))
      .flatMap((one) => /\w+$/.exec(one.field("left")?.text() ?? "")?.[0] ?? []),
  ],
  calleesIn(node) {
    const statement = [node, ...node.ancestors()].find((a) => /_statement$/.test(String(a.kind()))) ?? node;
    return findKinds(statement, "call").flatMap((call) => {
      const callee = call.field("function");
      return callee?.kind() === "identifier" ? [callee.text()] : [];
    });
  },
  definitionsOf: (root, name) => findKinds(root, "function_definition").filter((fn) => functionName(fn) === name),
  readsOfParameter(fn, index) {
    const list = parts(fn.field("parameters") ?? fn);
    const parameter = list[index];
    if (parameter === undefined || list.slice(0, index + 1).some((p) => /splat|separator/.test(String(p.kind()))))
      return null;
    const name = (parameter.field("name") ?? parts(parameter)[0] ?? parameter).text();
    const body = fn.field("body");
    return body === null ? null : readsOf(fn, [name]).filter((read) => read.ancestors().some((a) => same(a, body)));
  },
  caughtAround(node) {
    for (const ancestor of node.ancestors()) {
      if (isFunction(ancestor)) return null;
      if (ancestor.kind() === "with_statement" && /^(?:async\s+)?with\b[^:]*\bsuppress\(/s.test(ancestor.text()))
        return "the exception is suppressed around it";
      if (ancestor.kind() !== "try_statement") continue;
      const handlers = parts(ancestor).filter((part) => /^except/.test(String(part.kind())));
      const inside = handlers.some((handler) => node.ancestors().some((a) => same(a, handler)));
      const decides = (handler: SgNode) =>
        /\b(?:return|break|continue|pass|redirect|40[13])\b/.test(handler.text()) ||
        findKinds(handler, "assignment", "augmented_assignment").length > 0;
      if (!inside && handlers.some(decides)) return "the exception is caught around it, and the handler decides";
    }
    return null;
  },
  decidesByBody(fn) {
    const body = fn.field("body");
    if (body === null) return null;
    const status = findKinds(body, "integer").find((n) => /^(?:401|403|407|429)$/.test(n.text()));
    if (status !== undefined) return `it answers ${status.text()}`;
    const raised = findKinds(body, "raise_statement").find((n) =>
      (n.text().match(/\w+/g) ?? []).some((word) => decidingWord(word) !== null),
    );
    if (raised !== undefined) return `it raises ${raised.text().slice(6, 46)}`;
    if (findKinds(body, "call").some((c) => /(?:^|\.)redirect$/.test(c.field("function")?.text() ?? "")))
      return "it redirects";
    if (/\bget_response\b|\bcall_next\b/.test(fn.text())) return "it hands over to the next handler";
    return null;
  },
  wordsIn: (node) =>
    [node, ...findKinds(node, "identifier", "string_content")]
      .filter((n) => n.children().length === 0)
      .map((n) => n.text()),
  boundNames: (node) => {
    const name = node.field("name") ?? node.field("left");
    return name === null
      ? findKinds(node, "identifier").map((n) => n.text())
      : [name, ...findKinds(name, "identifier")].map((n) => n.text());
  },
};
