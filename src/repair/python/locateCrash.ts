import type { SgNode } from "@ast-grep/napi";
import type { Source } from "../../syntax/source.ts";
import type { Place } from "../candidate.ts";
import { onLine } from "../proposals.ts";
import type { PythonCrash } from "./crashKinds.ts";

/** The crashing expression, and the value in it that was missing or wrong. */
export interface Found {
  node: SgNode;
  subject: SgNode;
}

/**
 * The expressions on the crashing line that fit the message. Python's frames have no column, so the captured variables
 * narrow the result.
 */
export function locatePython(source: Source, place: Place, crash: PythonCrash): Found[] {
  const found = fitting(source, place.line, crash);
  if (crash.kind === "key" || crash.kind === "index" || crash.kind === "zero") return found;
  const missing = found.filter((one) => isNone(one.subject, place) === true);
  return missing.length > 0 ? missing : found.filter((one) => isNone(one.subject, place) !== false);
}

function fitting(source: Source, line: number, crash: PythonCrash): Found[] {
  const near = (...kinds: string[]) => onLine(source, line, ...kinds);
  switch (crash.kind) {
    case "attribute":
      return near("attribute")
        .filter((n) => n.field("attribute")?.text() === crash.member)
        .flatMap((n) => pair(n, n.field("object")));
    case "subscript":
      return near("subscript").flatMap((n) => pair(n, n.field("value")));
    case "iterate":
      return near("for_statement", "for_in_clause").flatMap((n) => pair(n, n.field("right")));
    case "contains":
      return near("comparison_operator")
        .filter((n) => n.children().some((c) => /^(?:not )?in$/.test(c.text())))
        .flatMap((n) => pair(n, n.namedChildren().at(-1) ?? null));
    case "length":
      return near("call")
        .filter((n) => n.field("function")?.text() === "len")
        .flatMap((n) => pair(n, n.field("arguments")?.namedChildren()[0] ?? null));
    case "key":
      return near("subscript")
        .filter((n) => fitsKey(n.field("subscript"), crash.key))
        .flatMap((n) => pair(n, n.field("value")));
    case "index":
      return near("subscript")
        .filter((n) => /^-?\d+$/.test(n.field("subscript")?.text() ?? ""))
        .flatMap((n) => pair(n, n.field("value")));
    case "zero":
      return near("binary_operator")
        .filter((n) => /^(?:\/|\/\/|%)$/.test(n.field("operator")?.text() ?? ""))
        .flatMap((n) => pair(n, n.field("right")));
  }
}

function pair(node: SgNode, subject: SgNode | null): Found[] {
  return subject === null ? [] : [{ node, subject }];
}

/** Whether an index fits the key: `'name'` fits `["name"]`. An index that is not a literal fits any key. */
function fitsKey(index: SgNode | null, key: string): boolean {
  if (index === null || index.kind() === "slice") return false;
  if (index.kind() !== "string" && index.kind() !== "integer") return true;
  return index.text().replace(/^['"]|['"]$/g, "") === key.replace(/^['"]|['"]$/g, "");
}

/** Whether the captured variables show the value as None; null when it was not captured. */
function isNone(subject: SgNode, place: Place): boolean | null {
  const seen = subject.kind() === "identifier" ? place.vars?.[subject.text()] : undefined;
  return seen === undefined ? null : /^"?(?:None|null)"?$/.test(seen);
}
