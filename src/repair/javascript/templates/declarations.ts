import { findKinds } from "../../../syntax/scriptNodes.ts";
import { spanOf } from "../../../syntax/source.ts";
import { candidate } from "../guardForms.ts";
import { insert, type Template } from "../repairSite.ts";

/** "Assignment to constant variable": the declaration becomes `let`. */
export const constToLet: Template = (site) => {
  if (site.crash.kind !== "constAssign" || site.depth > 0) return [];
  const name = site.subject.text();
  const before = findKinds(site.source.root, "lexical_declaration").filter(
    (d) => spanOf(d).start < spanOf(site.node).start,
  );
  const declares = before.filter((d) => d.namedChildren().some((c) => c.field("name")?.text() === name));
  const inSight = declares.filter((d) =>
    site.node.ancestors().some((a) => a.id() === d.parent()?.id() || a.id() === d.parent()?.parent()?.id()),
  );
  const declaration = (inSight.length > 0 ? inSight : declares).at(-1);
  if (declaration === undefined || !declaration.text().startsWith("const")) return [];
  const start = spanOf(declaration).start;
  return [
    candidate(
      { family: "constToLet" },
      "",
      [{ path: site.source.path, start, end: start + "const".length, text: "let" }],
      {
        explanation: `${name} is assigned again, so it cannot be const`,
        score: 92,
        effect: "assigned",
      },
    ),
  ];
};

/** "Class constructor X cannot be invoked without 'new'": the call gets `new`. */
export const missingNew: Template = (site) => {
  if (site.crash.kind !== "needsNew" || site.depth > 0) return [];
  return [
    candidate({ family: "missingNew" }, "", [insert(site, spanOf(site.node).start, "new ")], {
      explanation: `${site.crash.name} is a class and must be called with new`,
      score: 93,
      effect: "instance",
    }),
  ];
};
