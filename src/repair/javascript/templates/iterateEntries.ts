import { bare } from "../../../syntax/scriptNodes.ts";
import { candidate } from "../guardForms.ts";
import { replace, type Template } from "../repairSite.ts";

/** Iterates a plain object through its entries: `for (const [key, value] of map)` → `of Object.entries(map)`. */
export const iterateEntries: Template = (site) => {
  if (site.crash.kind !== "notIterable" || site.depth > 0) return [];
  const subject = bare(site.subject);
  if (!/^(?:identifier|member_expression|subscript_expression|call_expression)$/.test(String(subject.kind())))
    return [];
  const pairs = site.node.kind() === "for_in_statement" && site.node.field("left")?.kind() === "array_pattern";
  const intoMap = site.node.kind() === "new_expression" && site.node.field("constructor")?.text() === "Map";
  if (!pairs && !intoMap) return [];
  return [
    candidate({ family: "entries" }, "", [replace(site, subject, `Object.entries(${subject.text()})`)], {
      explanation: `${subject.text()} is a plain object: its entries are walked through`,
      score: 83,
      effect: "entries",
    }),
  ];
};
