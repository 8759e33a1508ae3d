import { bare, chainOf, isMember, memberName } from "../../../syntax/scriptNodes.ts";
import type { Candidate } from "../../candidate.ts";
import { candidate } from "../guardForms.ts";
import { type RepairSite, replace, type Template } from "../repairSite.ts";
import { valueUseOf } from "../valueUse.ts";
import { ARRAY_METHODS, STRING_METHODS } from "./defaultValue.ts";

/**
 * Converts the value to the type that the code assumes: `String(x).trim()`, `[].concat(x).map(…)`,
 * `Number(x).toFixed(2)`.
 */
export const coercion: Template = (site) => {
  if (site.depth > 0) return [];
  if (site.crash.kind === "toString") return [toText(site)].filter((c) => c !== null);
  if (site.crash.kind !== "notFunction") return [];
  const callee = bare(site.subject);
  const object = isMember(callee) ? callee.field("object") : null;
  const method = isMember(callee) ? memberName(callee) : null;
  if (object === null || method === null || object.text().length > 60) return [];
  const wrapped = wrap(method, object.text());
  if (wrapped === null) return [];
  const value = valueUseOf(chainOf(site.node)).kind === "value";
  return [
    candidate({ family: "coercion" }, wrapped.to, [replace(site, object, wrapped.text)], {
      explanation: `${object.text()} is made ${wrapped.words} first`,
      score: value ? wrapped.score : wrapped.score - 12,
      effect: `as ${wrapped.to}`,
    }),
  ];
};

function wrap(method: string, object: string): { to: string; text: string; words: string; score: number } | null {
  if (/^to(?:Fixed|Precision|Exponential)$/.test(method))
    return { to: "Number", text: `Number(${object})`, words: "a number", score: 76 };
  if (STRING_METHODS.test(method)) return { to: "String", text: `String(${object})`, words: "a string", score: 72 };
  if (ARRAY_METHODS.test(method)) return { to: "Array", text: `[].concat(${object})`, words: "an array", score: 60 };
  return null;
}

/** Converts a symbol (or an object without toString) in a template or a sum. Only `String()` accepts a symbol. */
function toText(site: RepairSite): Candidate | null {
  const node = site.node;
  const value =
    node.kind() === "template_substitution"
      ? node.namedChildren()[0]
      : node.kind() === "binary_expression"
        ? symbolSide(node)
        : null;
  if (value === undefined || value === null) return null;
  return candidate({ family: "coercion" }, "String", [replace(site, value, `String(${value.text()})`)], {
    explanation: `${value.text()} is made a string explicitly, which symbols need`,
    score: 84,
    effect: "as String",
  });
}

function symbolSide(node: RepairSite["node"]) {
  const left = node.field("left");
  return left?.kind() === "string" || left?.kind() === "template_string" ? node.field("right") : left;
}
