import type { SgNode } from "@ast-grep/napi";
import type { Candidate, Edit } from "../candidate.ts";
import type { Span } from "../source.ts";
import { wrapStatement } from "./guard.ts";
import type { RepairSite } from "./repairSite.ts";
import { findKinds, functionOf, same, statementOf } from "./syntaxNodes.ts";

/** How many twins are repaired together: more are a habit of the code, not an oversight. */
const MAX_TWINS = 3;

/**
 * A guard around a statement goes around its twins too: the same words in other functions of the file, about the same variable
 * of the functions around them. What made the variable empty there makes it empty here, so guarding one only moves the crash.
 */
export function guardRepeatedStatements(site: RepairSite, candidate: Candidate): Candidate {
  if (!candidate.template.endsWith(":statement") || site.depth > 0 || site.subject.kind() !== "identifier")
    return candidate;
  const name = site.subject.text();
  const fn = functionOf(site.node);
  const statement = statementOf(site.node);
  if (fn === null || statement === null || binds(fn, name)) return candidate;
  const twins = findKinds(site.source.root, String(statement.kind())).filter(
    (n) => !same(n, statement) && n.text() === statement.text() && isTwin(n, fn, name),
  );
  const guard = { family: "nullGuard", yes: name, no: `!${name}`, words: `${name} is there` };
  const edits = twins.map((twin) => wrapStatement(site, twin, guard)).filter((edit) => edit !== null);
  if (edits.length === 0 || edits.length > MAX_TWINS || overlap([...candidate.edits, ...edits])) return candidate;
  return {
    ...candidate,
    edits: [...candidate.edits, ...edits],
    explanation: `${candidate.explanation}; so does the same statement in ${edits.length === 1 ? "another function" : `${edits.length} other functions`}`,
  };
}

/** In another function, which stands beside the first one, takes the variable from outside too, and does not ask for it. */
function isTwin(statement: SgNode, fn: SgNode, name: string): boolean {
  const own = functionOf(statement);
  if (own === null || same(own, fn) || binds(own, name) || functionOf(own)?.id() !== functionOf(fn)?.id()) return false;
  const asked = new RegExp(`(?:if \\(|[!&|(] ?)${name.replaceAll("$", "\\$")}(?![\\w$.[])`);
  return !asked.test(own.text());
}

/** Whether a function declares the name itself. */
function binds(fn: SgNode, name: string): boolean {
  const declared = fn.findAll({ rule: { kind: "variable_declarator" } }).map((d) => d.field("name")?.text());
  const parameters = fn.field("parameters")?.text() ?? fn.field("parameter")?.text() ?? "";
  return declared.includes(name) || new RegExp(`(?<![\\w$])${name.replaceAll("$", "\\$")}(?![\\w$])`).test(parameters);
}

function overlap(edits: readonly Edit[]): boolean {
  const spans: Span[] = [...edits].sort((a, b) => a.start - b.start);
  return spans.some((span, i) => (spans[i + 1]?.start ?? Number.POSITIVE_INFINITY) < span.end);
}
