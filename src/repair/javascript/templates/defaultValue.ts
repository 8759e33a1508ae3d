import type { SgNode } from "@ast-grep/napi";
import { bare, chainOf, memberName } from "../../../syntax/scriptNodes.ts";
import { candidate } from "../guardForms.ts";
import { type RepairSite, replace, type Template } from "../repairSite.ts";
import { valueUseOf } from "../valueUse.ts";

/** Methods that only arrays have, or whose name suggests an array. */
export const ARRAY_METHODS =
  /^(?:map|forEach|filter|reduce|reduceRight|some|every|find|findIndex|findLast|flatMap|flat|join|push|pop|shift|unshift|splice|sort|reverse|entries|fill)$/;
/** Methods that only strings have. */
export const STRING_METHODS =
  /^(?:trim|trimStart|trimEnd|split|replace|replaceAll|toLowerCase|toUpperCase|startsWith|endsWith|charAt|charCodeAt|codePointAt|substring|substr|match|matchAll|padStart|padEnd|localeCompare|normalize|repeat|search)$/;

/**
 * Replaces the missing value with an empty one: `(a || []).map(…)`, `for (const x of a || [])`, `Object.keys(a || {})`.
 */
export const defaultValue: Template = (site) => {
  if (site.depth > 0 || !mayBeMissing(site)) return [];
  const subject = site.subject;
  if (/^(?:object_pattern|array_pattern|array|object|this)$/.test(String(bare(subject).kind()))) return [];
  const fitting = fits(site);
  if (fitting === null) return [];
  const { empty, score } = fitting;
  const operator = site.style.nullish && !site.siblings.defaults.includes(empty) ? "??" : "||";
  const inner = /^(?:binary|ternary|assignment|arrow|await|yield)/.test(String(subject.kind()))
    ? `(${subject.text()})`
    : subject.text();
  const text = `${inner} ${operator} ${empty}`;
  const bracket = site.crash.kind === "read" || subject.parent()?.kind() === "binary_expression";
  const bonus = site.siblings.defaults.includes(empty) ? 6 : 0;
  return [
    candidate({ family: "defaultValue" }, empty, [replace(site, subject, bracket ? `(${text})` : text)], {
      explanation: `${empty} stands in where ${site.subjectText} is not there`,
      score: score + bonus,
      effect: effectOf(site, empty),
    }),
  ];
};

function mayBeMissing(site: RepairSite): boolean {
  return ["read", "notIterable", "nullToObject", "destructure", "in"].includes(site.crash.kind);
}

/** The empty value of the type that the code expects there, and its score. */
function fits(site: RepairSite): { empty: string; score: number } | null {
  switch (site.crash.kind) {
    case "notIterable":
      return site.isNull === null && !/undefined|null/.test(site.subjectText)
        ? { empty: "[]", score: 74 }
        : { empty: "[]", score: 84 };
    case "nullToObject":
      return { empty: "{}", score: 84 };
    case "destructure":
      return { empty: "{}", score: 76 };
    case "in":
      return { empty: "{}", score: 62 };
    default:
      return ofMember(site);
  }
}

function ofMember(site: RepairSite): { empty: string; score: number } | null {
  const name = memberName(site.node);
  const slot = valueUseOf(chainOf(site.node));
  const called = isCalled(site.node);
  if (name !== null && called && ARRAY_METHODS.test(name)) {
    if (/^(?:push|unshift|splice)$/.test(name)) return null;
    return { empty: "[]", score: slot.kind === "discard" ? 66 : slot.kind === "test" ? 66 : 79 };
  }
  if (name !== null && called && STRING_METHODS.test(name))
    return { empty: site.style.quote + site.style.quote, score: slot.kind === "value" ? 68 : 56 };
  if (name === "length" && slot.kind === "value") return { empty: "[]", score: 74 };
  return null;
}

function isCalled(node: SgNode): boolean {
  const parent = node.parent();
  return parent?.kind() === "call_expression" && parent.field("function")?.id() === node.id();
}

function effectOf(site: RepairSite, empty: string): string {
  const chain = site.crash.kind === "read" ? chainOf(site.node) : null;
  if (chain !== null && valueUseOf(chain).kind === "discard") return "skip";
  return `value:${empty}`;
}
