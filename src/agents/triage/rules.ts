import { Severity } from "../../domain/ticket.ts";
import type { IssueView, TriageBrain, TriageGroup } from "./contract.ts";

/** Events per minute from which a problem is worse than its level says. At least as many Events must have been seen. */
const CRITICAL_RATE = 50;
const HIGH_RATE = 10;
/** This many Issues with one innermost cause are one incident: eight symptoms of one exhausted pool are one ticket. */
const INCIDENT_FAMILIES = 5;

/** Types that any bug can have: a shared type does not suggest a shared cause. */
const GENERIC = new Set(
  (
    "Error TypeError ReferenceError RangeError SyntaxError EvalError URIError AggregateError AssertionError DOMException " +
    "UnhandledRejection Exception RuntimeError ArgumentError KeyError MatchError FunctionClauseError CaseClauseError " +
    "BadMapError BadArityError UndefinedFunctionError ArithmeticError ErlangError ValueError AttributeError IndexError " +
    "NameError LookupError NoMethodError StandardError NullPointerException IllegalArgumentException " +
    "IllegalStateException RuntimeException IndexOutOfBoundsException ClassCastException"
  ).split(" "),
);

/**
 * Groups by the place that threw, and by a shared cause from outside. Severity follows level and rate. No model, no
 * cost.
 */
export function createRulesTriage(): TriageBrain {
  return { name: "rules", triage: async (issues) => ({ groups: groupByRules(issues), tokens: 0 }) };
}

/** Puts everything into one group, for a person to look at: the last resort when triage itself fails. */
export function createPlainTriage(): TriageBrain {
  return {
    name: "rules (triage failed)",
    triage: async (issues) => ({ groups: [{ ...groupOf(issues, false), rootCause: "" }], tokens: 0 }),
  };
}

/** Every Issue in exactly one group, the most severe group first. */
export function groupByRules(issues: readonly IssueView[]): TriageGroup[] {
  const incidents = incidentCauses(issues);
  const members = new Map<string, IssueView[]>();
  for (const issue of issues) {
    const key = incidents.has(issue.innermost) ? `incident ${issue.innermost}` : placeKey(issue);
    members.set(key, [...(members.get(key) ?? []), issue]);
  }
  return [...members]
    .map(([key, group]) => groupOf(group, key.startsWith("incident ")))
    .sort((a, b) => rankOf(a.severity) - rankOf(b.severity) || (a.issues[0] ?? 0) - (b.issues[0] ?? 0));
}

/** How bad one Issue is, by its level, whether the app caught it, its count and its rate. */
export function severityOf(issue: Pick<IssueView, "level" | "unhandled" | "count" | "ratePerMinute">): Severity {
  const { level, unhandled, count, ratePerMinute } = issue;
  const comesAt = (rate: number) => ratePerMinute >= rate && count >= rate;
  if (level === "fatal" || comesAt(CRITICAL_RATE)) return "critical";
  if (unhandled || comesAt(HIGH_RATE)) return "high";
  return level === "error" ? "medium" : "low";
}

/**
 * The severity of a group: that of its most severe Issue. Beside a trusted Issue, those of public keys alone do not
 * count: what they say must not make the ticket one that deploys by itself.
 */
export function severityOfAll(issues: readonly IssueView[]): Severity {
  const trusted = issues.filter((issue) => issue.trusted);
  const ranks = (trusted.length > 0 ? trusted : issues).map((issue) => rankOf(severityOf(issue)));
  return Severity.options[Math.min(...ranks)] ?? "low";
}

/** Position of a severity; 0 is critical. */
export function rankOf(severity: Severity): number {
  return Severity.options.indexOf(severity);
}

function incidentCauses(issues: readonly IssueView[]): Set<string> {
  const counts = new Map<string, number>();
  for (const { innermost } of issues) counts.set(innermost, (counts.get(innermost) ?? 0) + 1);
  return new Set(
    [...counts].filter(([type, n]) => n >= INCIDENT_FAMILIES && type !== "" && !isGeneric(type)).map(([type]) => type),
  );
}

/** `Elixir.ArgumentError`, `java.lang.RuntimeException` and `ArgumentError` are all generic. */
function isGeneric(type: string): boolean {
  return GENERIC.has(type.slice(type.lastIndexOf(".") + 1));
}

/**
 * Key of a group: Issues with the same innermost type, thrown by the same function of the same file. In a chain of
 * causes that function is the one of the innermost cause, so that one fault with many callers is one ticket. Without a
 * frame of the app: the culprit, or the Issue itself.
 */
function placeKey(issue: IssueView): string {
  const place = issue.origin ?? issue.frames[0] ?? (issue.culprit === "" ? `issue ${issue.index}` : issue.culprit);
  return JSON.stringify([issue.innermost, place]);
}

function groupOf(issues: readonly IssueView[], incident: boolean): TriageGroup {
  const [lead] = [...issues].sort((a, b) => rankOf(severityOf(a)) - rankOf(severityOf(b)) || b.count - a.count);
  const where = lead?.frames[0] ?? lead?.culprit ?? "";
  const cause = incident
    ? `one incident: ${issues.length} problems share the innermost cause ${lead?.innermost}`
    : `${lead?.innermost || "an exception"}${where === "" ? "" : ` thrown in ${where}`}`;
  return {
    issues: issues.map((issue) => issue.index),
    severity: severityOfAll(issues),
    title: lead?.title ?? "",
    rootCause: cause,
  };
}
