import type { SgNode } from "@ast-grep/napi";
import { bare, functionOf, parametersOf } from "../../../syntax/scriptNodes.ts";
import { indentAt, spanOf } from "../../../syntax/source.ts";
import type { Edit } from "../../candidate.ts";
import { candidate } from "../guardForms.ts";
import { insert, type RepairSite, type Template } from "../repairSite.ts";

/** Names of callbacks. A caller that leaves one out does not wait for the end. */
const CALLBACK = /^_?(?:cb|callback|done|onEnd|onDone|onFinish|onComplete|complete)$/;

/** Gives a callback parameter an empty default, which covers every call of it in the function. */
export const optionalCallback: Template = (site) => {
  if (site.crash.kind !== "notFunction" || site.depth > 0) return [];
  const callee = bare(site.subject);
  if (callee.kind() !== "identifier" || !CALLBACK.test(callee.text())) return [];
  const found = parameterOf(callee);
  if (found === null) return [];
  const edit = site.style.blockScoped ? defaulted(site, found.parameter) : assigned(site, found.fn, callee.text());
  if (edit === null) return [];
  return [
    candidate({ family: "optionalCallback" }, "", [edit], {
      explanation: `${callee.text()} may be left out: nothing is called then`,
      score: found.isLast ? 84 : 70,
      effect: "nobody is called",
    }),
  ];
};

/**
 * The parameter of an enclosing function with this name. null when it is not plain: it has a default, or it is a
 * pattern.
 */
function parameterOf(callee: SgNode): { parameter: SgNode; fn: SgNode; isLast: boolean } | null {
  for (let fn = functionOf(callee); fn !== null; fn = functionOf(fn)) {
    const parameters = parametersOf(fn);
    const found = parameters.find((p) => p.pattern.text() === callee.text());
    if (found === undefined) continue;
    const isPlain =
      found.defaultValue === null && found.pattern.kind() === "identifier" && fn.field("parameter") === null;
    return isPlain ? { parameter: found.node, fn, isLast: parameters.at(-1)?.node.id() === found.node.id() } : null;
  }
  return null;
}

function defaulted(site: RepairSite, parameter: SgNode): Edit {
  return insert(site, spanOf(parameter).end, " = () => {}");
}

/** For code without `const` and `let`: `cb = cb || function () {};` as the first statement. */
function assigned(site: RepairSite, fn: SgNode, name: string): Edit | null {
  const body = fn.field("body");
  const first =
    body?.kind() === "statement_block" ? body.namedChildren().find((n) => n.kind() !== "comment") : undefined;
  if (first === undefined) return null;
  const start = spanOf(first).start;
  const end = site.style.semicolons ? ";" : "";
  return insert(
    site,
    start,
    `${name} = ${name} || function () {}${end}${site.style.eol}${indentAt(site.source, start)}`,
  );
}
