import type { SgNode } from "@ast-grep/napi";
import { bare, functionOf, memberName, parametersOf } from "../../../syntax/scriptNodes.ts";
import { spanOf } from "../../../syntax/source.ts";
import { naturalEffect } from "../conditionOutcome.ts";
import { candidate } from "../guardForms.ts";
import { insert, type RepairSite, type Template } from "../repairSite.ts";
import { ARRAY_METHODS, STRING_METHODS } from "./defaultValue.ts";

/** Parameter names that usually mean options. Leaving them out means "nothing special". */
const OPTIONS =
  /^_?(?:opts?|options?|config|configuration|settings|params|args|props|context|ctx|meta|metadata|env|overrides|defaults|attrs|attributes|headers|query|filters|init|data)$/i;

/**
 * Gives the parameter a default: `function f(options)` → `function f(options = {})`. Applies only to undefined; null
 * keeps its meaning.
 */
export const defaultParameter: Template = (site) => {
  if (site.depth > 0 || site.isNull === true) return [];
  const found = parameterOf(site);
  if (found === null) return [];
  const { parameter, fn, empty } = found;
  const name = parameter.text();
  const isLast = parametersOf(fn).at(-1)?.pattern.id() === parameter.id();
  const single = fn.field("parameter");
  const text = single === null ? ` = ${empty}` : ` = ${empty})`;
  const edits = [insert(site, spanOf(parameter).end, text)];
  if (single !== null) edits.unshift(insert(site, spanOf(parameter).start, "("));
  const score =
    64 +
    (OPTIONS.test(name) ? 16 : empty === "{}" && site.crash.kind === "read" ? -10 : 0) +
    (isLast ? 4 : -14) +
    (empty === "[]" ? 4 : 0) +
    (hasDefaults(fn) ? 4 : 0);
  return [
    candidate({ family: "defaultParameter" }, empty, edits, {
      explanation: `${name} is ${empty} when the caller leaves it out`,
      score: site.style.blockScoped ? score : score - 25,
      effect: empty === "{}" && site.crash.kind === "read" ? naturalEffect(site) : `value:${empty}`,
    }),
  ];
};

function parameterOf(site: RepairSite): { parameter: SgNode; fn: SgNode; empty: string } | null {
  const fn = functionOf(site.subject) ?? null;
  if (fn === null) return null;
  const subject = bare(site.subject);
  if (site.crash.kind === "destructure" && subject.kind() === "object_pattern") {
    const parameter = parametersOf(fn).find((p) => p.pattern.id() === subject.id() && p.defaultValue === null);
    return parameter === undefined ? null : { parameter: parameter.pattern, fn, empty: "{}" };
  }
  const empty = emptyFor(site);
  if (empty === null || subject.kind() !== "identifier") return null;
  for (let at: SgNode | null = fn; at !== null; at = functionOf(at)) {
    const parameter = parametersOf(at).find(
      (p) => p.pattern.kind() === "identifier" && p.pattern.text() === subject.text(),
    );
    if (parameter !== undefined) {
      const plain = parameter.defaultValue === null && parameter.node.field("type") === null;
      return plain ? { parameter: parameter.pattern, fn: at, empty } : null;
    }
  }
  return null;
}

function emptyFor(site: RepairSite): string | null {
  if (site.crash.kind === "notIterable") return "[]";
  if (site.crash.kind === "nullToObject" || site.crash.kind === "destructure" || site.crash.kind === "in") return "{}";
  if (site.crash.kind !== "read") return null;
  const name = memberName(site.node) ?? "";
  if (ARRAY_METHODS.test(name)) return "[]";
  if (STRING_METHODS.test(name)) return site.style.quote + site.style.quote;
  return /^(?:length|indexOf|includes|slice|concat)$/.test(name) ? null : "{}";
}

function hasDefaults(fn: SgNode): boolean {
  return parametersOf(fn).some((p) => p.defaultValue !== null);
}
