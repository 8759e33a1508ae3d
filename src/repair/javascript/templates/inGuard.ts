import { chainOf, hasEffects } from "../../../syntax/scriptNodes.ts";
import { guardForms } from "../guardForms.ts";
import type { Template } from "../repairSite.ts";
import { valueUseOf } from "../valueUse.ts";

/** `"a" in x` where x is a string or a number: the check runs only for objects. */
export const inGuard: Template = (site) => {
  if (site.crash.kind !== "in" || site.depth > 0 || hasEffects(site.subject) || site.isNull !== null) return [];
  const q = site.style.quote;
  const text = site.subjectText;
  const guard = {
    family: "typeGuard",
    yes: `typeof ${text} === ${q}object${q}`,
    no: `typeof ${text} !== ${q}object${q}`,
    words: `${text} is an object`,
  };
  const chain = chainOf(site.node);
  return guardForms(site, chain, valueUseOf(chain), guard);
};
