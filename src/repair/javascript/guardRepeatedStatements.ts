import type { SgNode } from "@ast-grep/napi";
import { findKinds, functionOf, same, statementOf } from "../../syntax/scriptNodes.ts";
import type { Span } from "../../syntax/source.ts";
import type { Candidate, Edit } from "../candidate.ts";
import { wrapStatement } from "./guard.ts";
import type { RepairSite } from "./repairSite.ts";

/** How many repeated statements are repaired together. More are a convention of the code, not an oversight. */
const MAX_TWINS = 3;

/**
 * Adds the guard of a statement to identical statements in sibling functions that read the same outer variable. The
 * variable is empty there for the same reason, so guarding only one statement would move the crash.
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

/**
 * Whether the statement is in another function beside the first one that reads the same outer variable and does not
 * check it.
 */
function isTwin(statement: SgNode, fn: SgNode, name: string): boolean {
  const own = functionOf(statement);
  if (own === null || same(own, fn) || binds(own, name) || functionOf(own)?.id() !== functionOf(fn)?.id()) return false;
  const asked = new RegExp(`(?:if \\(|[!&|(] ?)${name.replaceAll("$", "\\$")}(?![\\w$.[])`);
  return !asked.test(own.text());
}

/** Whether a function declares the name itself, as a variable or parameter. */
function binds(fn: SgNode, name: string): boolean {
  const declared = fn.findAll({ rule: { kind: "variable_declarator" } }).map((d) => d.field("name")?.text());
  const parameters = fn.field("parameters")?.text() ?? fn.field("parameter")?.text() ?? "";
  return declared.includes(name) || new RegExp(`(?<![\\w$])${name.replaceAll("$", "\\$")}(?![\\w$])`).test(parameters);
}

function overlap(edits: readonly Edit[]): boolean {
  const spans: Span[] = [...edits].sort((a, b) => a.start - b.start);
  return spans.some((span, i) => (spans[i + 1]?.start ?? Number.POSITIVE_INFINITY) < span.end);
}
