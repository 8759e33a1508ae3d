import type { SgNode } from "@ast-grep/napi";
import { bare, findKinds, functionName, functionOf, isFunction } from "../../../syntax/scriptNodes.ts";
import { type Source, spanOf } from "../../../syntax/source.ts";
import { returnsOf } from "../earlyReturns.ts";
import { candidate } from "../guardForms.ts";
import { moduleNames } from "../modules.ts";
import type { RepairSite, Repository, Template } from "../repairSite.ts";

/** Adds the missing return to a function that computes a value in its last statement and never returns it. */
export const missingReturn: Template = async (site, repository) => {
  if (
    !/^(?:read|notIterable|destructure|nullToObject|notFunction)$/.test(site.crash.kind) ||
    site.depth > 0 ||
    site.isNull === true
  )
    return [];
  const call = originOf(site);
  if (call === null) return [];
  for (const { source, fn } of await definitions(call, site, repository)) {
    const last = unreturned(fn);
    if (last === null) continue;
    const edit = { path: source.path, start: spanOf(last).start, end: spanOf(last).start, text: "return " };
    return [
      candidate({ family: "missingReturn" }, "", [edit], {
        explanation: `${functionName(fn) ?? "the callback"} computes its result and does not return it`,
        score: 89,
        effect: "returned",
      }),
    ];
  }
  return [];
};

/** The call that produced the value. For an element of `xs.map(f)`, the call of map. */
function originOf(site: RepairSite): SgNode | null {
  const subject = bare(site.subject);
  const root = /^[\w$]+/.exec(subject.text())?.[0] ?? "";
  if (subject.kind() === "call_expression") return subject;
  const scope = functionOf(site.node) ?? site.source.root;
  const declarators = findKinds(scope, "variable_declarator").filter((d) => d.field("name")?.text() === root);
  const value = declarators.at(-1)?.field("value") ?? null;
  const inner = value?.kind() === "await_expression" ? (value.namedChildren()[0] ?? null) : value;
  return inner?.kind() === "call_expression" ? inner : null;
}

async function definitions(
  call: SgNode,
  site: RepairSite,
  repository: Repository,
): Promise<{ source: Source; fn: SgNode }[]> {
  const callback = call.field("arguments")?.namedChildren().find(isFunction);
  const callee = call.field("function");
  const name = callee?.field("property")?.text() ?? callee?.text() ?? "";
  if (callback !== undefined && /^(?:map|flatMap|reduce)$/.test(name)) return [{ source: site.source, fn: callback }];
  const sources = [site.source];
  const owner = callee?.field("object")?.text() ?? name;
  const file = moduleNames(site.source, repository).get(owner);
  const imported = file === undefined ? null : await repository.source(file);
  if (imported !== null) sources.push(imported);
  return sources.flatMap((source) =>
    findKinds(source.root, "function_declaration", "arrow_function", "function_expression", "method_definition")
      .filter((f) => functionName(f) === name)
      .map((fn) => ({ source, fn })),
  );
}

/** The last statement of a function that has no return, if the statement is an expression with a value. */
function unreturned(fn: SgNode): SgNode | null {
  const body = fn.field("body");
  if (body?.kind() !== "statement_block" || returnsOf(fn).length > 0) return null;
  const last = body
    .namedChildren()
    .filter((n) => n.kind() !== "comment")
    .at(-1);
  if (last?.kind() !== "expression_statement") return null;
  const value = last.namedChildren()[0];
  return value === undefined || /^(?:assignment|augmented_assignment|update|unary|yield)/.test(String(value.kind()))
    ? null
    : last;
}
