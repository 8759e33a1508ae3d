import { bare, chainOf, isInBlock, isMember, memberName, statementOf } from "../../../syntax/scriptNodes.ts";
import { indentAt, spanOf } from "../../../syntax/source.ts";
import { candidate } from "../guardForms.ts";
import { insert, type RepairSite, type Template } from "../repairSite.ts";

/** Creates the missing container before a write into it: `groups[key].push(x)`, `a.b.c = 1`. */
export const container: Template = (site) => {
  if (site.depth > 0 || !isMember(bare(site.subject))) return [];
  const empty = emptyFor(site);
  if (empty === null) return [];
  const statement = statementOf(site.node);
  if (statement === null || !isInBlock(statement)) return [];
  const subject = bare(site.subject);
  const computed = subject.kind() === "subscript_expression";
  const end = site.style.semicolons ? ";" : "";
  const indent = indentAt(site.source, spanOf(statement).start);
  const text = subject.text();
  const line = site.style.usesOptionalChaining
    ? `${text} ??= ${empty}${end}`
    : `if (!${text}) ${text} = ${empty}${end}`;
  return [
    candidate(
      { family: "container" },
      empty,
      [insert(site, spanOf(statement).start, `${line}${site.style.eol}${indent}`)],
      {
        explanation: `${text} is made before something is put into it`,
        // null was probably assigned on purpose and means "nothing". A container that was never created is undefined.
        score: site.isNull === true ? 50 : computed ? 86 : 74,
        effect: `made:${empty}`,
      },
    ),
  ];
};

function emptyFor(site: RepairSite): string | null {
  if (site.crash.kind === "write") return "{}";
  if (site.crash.kind !== "read") return null;
  const method = memberName(site.node);
  const called = chainOf(site.node).kind() === "call_expression";
  return called && method !== null && /^(?:push|unshift)$/.test(method) ? "[]" : null;
}
