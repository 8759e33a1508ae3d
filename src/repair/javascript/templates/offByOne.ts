import type { SgNode } from "@ast-grep/napi";
import { findKinds, isFunction, operatorOf } from "../../../syntax/scriptNodes.ts";
import { spanOf } from "../../../syntax/source.ts";
import type { Candidate } from "../../candidate.ts";
import { candidate } from "../guardForms.ts";
import { insert, type RepairSite, type Template } from "../repairSite.ts";

/**
 * A loop or an index goes one too far: `i <= a.length` → `<`, `a[a.length]` → `a[a.length - 1]`, `i = a.length`
 * counting down.
 */
export const offByOne: Template = (site) => {
  if (!/^(?:read|write|notFunction|notIterable|destructure)$/.test(site.crash.kind) || site.depth > 0) return [];
  if (!site.node.text().includes("[")) return declaredByIndex(site) ? [...bounds(site), ...starts(site)] : [];
  return [...bounds(site), ...starts(site), ...lengthIndex(site)];
};

function bounds(site: RepairSite): Candidate[] {
  return loops(site).flatMap((loop) => {
    const condition = loop.field("condition");
    const comparison =
      condition === null
        ? undefined
        : [condition, ...findKinds(condition, "binary_expression")].find((n) => operatorOf(n) === "<=");
    const sign = comparison?.field("operator");
    if (
      comparison === undefined ||
      sign === null ||
      sign === undefined ||
      !/\.(?:length|size)$/.test(comparison.field("right")?.text() ?? "")
    )
      return [];
    const span = spanOf(sign);
    return [
      candidate(
        { family: "offByOne" },
        "bound",
        [{ path: site.source.path, start: span.start, end: span.end, text: "<" }],
        {
          explanation: "the loop ends before the length, which is one past the last index",
          score: 92,
          effect: "one round less",
        },
      ),
    ];
  });
}

function starts(site: RepairSite): Candidate[] {
  return loops(site).flatMap((loop) => {
    const initial = loop.field("initializer");
    const counter = initial === null ? undefined : findKinds(initial, "variable_declarator")[0];
    const value = counter?.field("value");
    const down = /--|-= ?1/.test(loop.field("increment")?.text() ?? "");
    if (value === null || value === undefined || !down || !/\.length$/.test(value.text())) return [];
    return [
      candidate({ family: "offByOne" }, "start", [insert(site, spanOf(value).end, " - 1")], {
        explanation: "the loop starts at the last index, one before the length",
        score: 91,
        effect: "one round less",
      }),
    ];
  });
}

function lengthIndex(site: RepairSite): Candidate[] {
  return [site.node, ...findKinds(site.node, "subscript_expression")]
    .filter(
      (n) =>
        n.kind() === "subscript_expression" && n.field("index")?.text() === `${n.field("object")?.text() ?? ""}.length`,
    )
    .slice(0, 1)
    .map((n) =>
      candidate({ family: "offByOne" }, "index", [insert(site, spanOf(n.field("index") ?? n).end, " - 1")], {
        explanation: "the last element is at length - 1",
        score: 91,
        effect: "last element",
      }),
    );
}

function loops(site: RepairSite): SgNode[] {
  const own: SgNode[] = [];
  for (const ancestor of site.node.ancestors()) {
    if (isFunction(ancestor)) break;
    if (ancestor.kind() === "for_statement") own.push(ancestor);
  }
  return own;
}

/** Whether the loop declares the value by index: `const item = items[i]`. */
function declaredByIndex(site: RepairSite): boolean {
  const name = /^[\w$]+/.exec(site.subjectText)?.[0] ?? "";
  return loops(site).some((l) =>
    new RegExp(`(?:const|let|var) ${name.replaceAll("$", "\\$")} = [\\w$.]+\\[[\\w$]+\\]`).test(l.text()),
  );
}
