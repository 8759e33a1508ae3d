import { argumentsOf } from "../../../syntax/scriptNodes.ts";
import type { Candidate } from "../../candidate.ts";
import { candidate } from "../guardForms.ts";
import { type RepairSite, replace, type Template } from "../repairSite.ts";

/** RangeError: clamps the number to the range of the method. `"x".repeat(n)` → `"x".repeat(Math.max(0, n))`. */
export const numericLimits: Template = (site) => {
  if (site.crash.kind !== "range" || site.depth > 0) return [];
  const argument = argumentsOf(site.node).at(-1);
  if (argument === undefined || argument.kind() === "number") return [];
  const text = argument.text();
  switch (site.crash.of) {
    case "count":
    case "length":
      return [limited(site, argument, `Math.max(0, ${text})`, 86)];
    case "digits":
      return [limited(site, argument, `Math.min(Math.max(${text}, 0), 100)`, 70)];
    case "precision":
      return [limited(site, argument, `Math.min(Math.max(${text}, 1), 100)`, 70)];
    case "radix":
      return [];
  }
};

function limited(site: RepairSite, argument: RepairSite["node"], text: string, score: number): Candidate {
  return candidate({ family: "numericLimits" }, "", [replace(site, argument, text)], {
    explanation: `${argument.text()} is kept inside of the limits of the call`,
    score,
    effect: "clamped",
  });
}
