import { argumentsOf, chainOf, hasEffects } from "../../../syntax/scriptNodes.ts";
import type { Candidate } from "../../candidate.ts";
import { ternary, truthGuard } from "../guard.ts";
import { candidate, guardForms } from "../guardForms.ts";
import type { RepairSite, Template } from "../repairSite.ts";
import { valueUseOf } from "../valueUse.ts";

/** Skips parsing of empty input: `JSON.parse(text)` with a missing or empty text, `new Date(NaN).toISOString()`. */
export const parsing: Template = (site) => {
  if (site.depth > 0) return [];
  if (site.crash.kind === "json") return emptyText(site);
  return site.crash.kind === "invalidTime" ? invalidDate(site) : [];
};

function emptyText(site: RepairSite): Candidate[] {
  const argument = argumentsOf(site.node)[0];
  if (argument === undefined || hasEffects(argument) || !/JSON\.parse$/.test(site.node.field("function")?.text() ?? ""))
    return [];
  const guard = { ...truthGuard(argument.text()), family: "emptyText" };
  const chain = chainOf(site.node);
  const slot = valueUseOf(chain);
  if (slot.kind !== "value") return guardForms(site, chain, slot, guard);
  return [
    candidate(guard, "null", [ternary(site, slot.holder, guard, "null")], {
      explanation: "nothing is parsed where there is no text",
      score: 66,
      effect: "value:null",
    }),
    ...guardForms(site, chain, slot, guard),
  ];
}

function invalidDate(site: RepairSite): Candidate[] {
  const text = site.subject.text();
  if (hasEffects(site.subject)) return [];
  const guard = {
    family: "invalidDate",
    yes: `!Number.isNaN(${text}.getTime())`,
    no: `Number.isNaN(${text}.getTime())`,
    words: `${text} is a date`,
  };
  const chain = chainOf(site.node);
  return guardForms(site, chain, valueUseOf(chain), guard).map((c) => ({ ...c, score: c.score - 2 }));
}
