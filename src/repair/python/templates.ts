import { indentAt, spanOf } from "../../syntax/source.ts";
import {
  borrowedScore,
  commonest,
  escaped,
  linesBefore,
  type OtherSite,
  type Proposal,
  replaced,
  unitOf,
} from "../proposals.ts";
import type { PythonCrash } from "./crashKinds.ts";
import { getting, growing, LITERAL } from "./dictKeys.ts";
import { pythonChain, pythonLeaves, pythonStatement, pythonValueUse } from "./valueUse.ts";

/** The condition of a guard, in both polarities. */
interface Guard {
  yes: string;
  no: string;
}

/** Proposals for None, a missing key, an index out of range, or a division by zero. */
export function pythonProposals(site: OtherSite, crash: PythonCrash): Proposal[] {
  switch (crash.kind) {
    case "key":
      return [...growing(site), ...getting(site), ...guarded(site, keyGuard(site))];
    case "iterate":
    case "length":
      return emptied(site);
    case "index":
      return guarded(site, { yes: site.subject.text(), no: `not ${site.subject.text()}` });
    case "zero":
      return guarded(site, divisor(site.subject.text()), "0");
    case "contains":
    case "attribute":
    case "subscript":
      return guarded(site, noneGuard(site));
  }
}

function noneGuard(site: OtherSite): Guard {
  const subject = site.subject.text();
  return { yes: `${subject} is not None`, no: `${subject} is None` };
}

function keyGuard(site: OtherSite): Guard {
  const key = site.node.field("subscript")?.text() ?? "";
  return { yes: `${key} in ${site.subject.text()}`, no: `${key} not in ${site.subject.text()}` };
}

/** Guard for a divisor. `len(xs)` is not zero when xs is not empty, so the guard checks xs. */
function divisor(text: string): Guard {
  const list = /^len\((.+)\)$/.exec(text)?.[1] ?? text;
  return /^[\w.[\]'"]+$/.test(list) ? { yes: list, no: `not ${list}` } : { yes: `(${list})`, no: `not (${list})` };
}

/** `x or []` where None is iterated or counted. */
function emptied(site: OtherSite): Proposal[] {
  const subject = site.subject.text();
  const isPlain = /^[\w.]+(?:\([^()]*\))?$|^[\w.]+\[[^\]]+\]$/.test(subject);
  const name = /(\w+)\W*$/.exec(subject)?.[1] ?? subject;
  const [stand] = commonest(site.texts, new RegExp(`\\b${escaped(name)}["'\\])]* or (\\[\\]|\\(\\)|\\{\\})`, "g"));
  if (!isPlain) return [];
  return [
    {
      template: "emptyDefault",
      edits: [
        replaced(
          site.source,
          site.subject,
          `${site.node.kind() === "call" || site.node.kind() === "for_statement" ? "" : "("}${subject} or ${stand ?? "[]"}${site.node.kind() === "call" || site.node.kind() === "for_statement" ? "" : ")"}`,
        ),
      ],
      explanation: `${subject} counts as empty where it is None`,
      score: stand === undefined ? 78 : 92,
      effect: "value:empty",
    },
  ];
}

/**
 * The guard in every form that fits the place. `otherwise` replaces None as the value of the conditional expression.
 */
function guarded(site: OtherSite, guard: Guard, otherwise?: string): Proposal[] {
  const { source, node } = site;
  const chain = pythonChain(node);
  const slot = pythonValueUse(chain);
  const statement = pythonStatement(chain);
  const forms: Proposal[] = [...siblingForms(site, guard)];
  const form = (template: string, edits: Proposal["edits"], score: number, effect: string, what: string): Proposal => ({
    template: `guard:${template}`,
    edits,
    score,
    effect,
    explanation: what,
  });
  if (slot.kind === "test") {
    const term = slot.term.kind() === "boolean_operator" ? `(${slot.term.text()})` : slot.term.text();
    const near = slot.rejects && !slot.natural;
    const inOr =
      slot.term.parent()?.kind() === "boolean_operator" && slot.term.parent()?.field("operator")?.text() === "or";
    const inAnd = slot.term.parent()?.kind() === "boolean_operator" && !inOr;
    const and = `${guard.yes} and ${term}`;
    const or = `${guard.no} or ${term}`;
    forms.push(
      form(
        "and",
        [replaced(source, slot.term, inOr ? `(${and})` : and)],
        near ? 78 : slot.natural ? 62 : 86,
        "test:False",
        `the condition asks first whether ${guard.yes}; the answer is no otherwise`,
      ),
      form(
        "or",
        [replaced(source, slot.term, inAnd ? `(${or})` : or)],
        near ? 74 : slot.natural ? 84 : 56,
        "test:True",
        `the condition asks first whether ${guard.yes}; the answer is yes otherwise`,
      ),
    );
  }
  if (slot.kind === "defaulted")
    forms.push(
      form(
        "defaulted",
        [replaced(source, slot.value, `(${slot.value.text()} if ${guard.yes} else None)`)],
        88,
        "value:default",
        `the default counts where ${guard.no}`,
      ),
    );
  if (slot.kind === "value") {
    const text = `${slot.value.text()} if ${guard.yes} else ${otherwise ?? "None"}`;
    const isWhole = slot.of !== "other";
    const score = otherwise !== undefined ? 72 : slot.of === "return" ? 68 : slot.of === "assignment" ? 64 : 50;
    forms.push(
      form(
        "ternary",
        [replaced(source, slot.value, isWhole ? text : `(${text})`)],
        score,
        `value:${otherwise ?? "None"}`,
        `${otherwise ?? "None"} where ${guard.no}`,
      ),
    );
  }
  if (slot.kind === "discard" && statement !== null && !statement.text().includes("\n"))
    forms.push(
      form(
        "statement",
        [replaced(source, statement, wrapped(site, statement, guard))],
        68,
        "skip",
        `the statement runs only where ${guard.yes}`,
      ),
    );
  if (statement !== null && !/_clause$|_definition$/.test(String(statement.kind())))
    forms.push(
      ...pythonLeaves(chain)
        .slice(0, 3)
        .map((leave) =>
          form(
            "leave",
            [linesBefore(source, statement, [`if ${guard.no}:`, `${unitOf(source)}${leave.text}`])],
            (leave.early ? 70 : 62) - (slot.kind === "test" ? 12 : 0),
            leave.effect,
            `${leave.text} where ${guard.no}`,
          ),
        ),
    );
  return forms;
}

function wrapped({ source }: OtherSite, statement: OtherSite["node"], guard: Guard): string {
  return `if ${guard.yes}:\n${indentAt(source, spanOf(statement).start)}${unitOf(source)}${statement.text()}`;
}

function functionAround(node: OtherSite["node"]): string {
  const fn = node.ancestors().find((n) => n.kind() === "function_definition");
  return fn?.field("name")?.text() ?? "";
}

/** What neighbouring code returns for the same missing value: `… if x.name else "none"`, or an early `return`. */
function siblingForms(site: OtherSite, guard: Guard): Proposal[] {
  const { source, node, texts } = site;
  const chain = pythonChain(node);
  const slot = pythonValueUse(chain);
  const subject = /^(?:not )?(.+?)(?: is (?:not )?None)?$/.exec(guard.yes)?.[1] ?? "";
  const name = /(\w+)(?:\(\))?(?:['"]\])?$/.exec(subject)?.[1] ?? "";
  if (name === "" || (slot.kind !== "value" && slot.kind !== "defaulted")) return [];
  const owned = `(?:[\\w.]+\\.)?${escaped(name)}`;
  const [given] = commonest(texts, new RegExp(`if ${owned}(?: is not None)? else ${LITERAL}`, "g"));
  const [left] = commonest(
    texts,
    new RegExp(
      `if (?:not ${owned}|${owned} is None|len\\(${owned}\\) == 0|${owned} == 0):\\n\\s+return ${LITERAL}\\n`,
      "g",
    ),
  );
  const value = given ?? left;
  if (value === undefined) return [];
  const text = `${slot.value.text()} if ${guard.yes} else ${value}`;
  const isWhole = slot.kind === "value" && slot.of !== "other";
  const statement = pythonStatement(chain);
  const asLeave = given === undefined && statement !== null && slot.kind === "value" && slot.of === "return";
  const edit =
    asLeave && statement !== null
      ? linesBefore(source, statement, [`if ${guard.no}:`, `${unitOf(source)}return ${value}`])
      : replaced(source, slot.value, isWhole ? text : `(${text})`);
  return [
    {
      template: "guard:sibling",
      edits: [edit],
      score: borrowedScore(value, functionAround(node), given === undefined ? 91 : 92),
      effect: `value:${value}`,
      explanation: `${value} where ${guard.no}, as elsewhere`,
    },
  ];
}
