import type { SgNode } from "@ast-grep/napi";
import type { Exception } from "../../domain/event.ts";
import { isFunction, nodeAt } from "../../syntax/scriptNodes.ts";
import { lineAt, offsetAt, type Source, spanOf } from "../../syntax/source.ts";
import type { Place } from "../candidate.ts";

/** Exception types that report a failed check, so throwing them is intended. */
const CHECKS =
  /(?:Assertion|Validation|Constraint|Schema|Zod|Joi|Yup|BadRequest|NotFound|Unauthorized|Forbidden|Abort|HttpError|UserError|UsageError)/;

/**
 * Why the exception is intended: this line throws it, or creates it, or its type reports a failed check. A sentence for
 * people; null when the exception is not intended.
 */
export function intendedThrow(source: Source, place: Place, exception: Pick<Exception, "type">): string | null {
  const offset = offsetAt(source, place.line, place.column);
  const thrown = throwAt(source, offset, place);
  if (thrown !== null) return `line ${place.line} of ${place.file} throws it on purpose: ${oneLine(thrown.text())}`;
  const made = madeAt(source, offset, place, exception.type);
  if (made !== null) return `line ${place.line} of ${place.file} makes this exception itself: ${oneLine(made.text())}`;
  if (CHECKS.test(exception.type)) return `${exception.type} is what a check reports`;
  return null;
}

/** The same for Python and Elixir: the line starts with `raise` or `assert`, or raises in a branch of it. */
export function intendedRaise(text: string, place: Place, exception: Pick<Exception, "type">): string | null {
  const line = text.split("\n")[place.line - 1] ?? "";
  if (/^\s*(?:raise\b|assert\b)|(?:->|do:|\bor\b|\|\|)\s*raise\b/.test(line))
    return `line ${place.line} of ${place.file} raises it on purpose: ${oneLine(line.trim())}`;
  return CHECKS.test(exception.type) ? `${exception.type} is what a check reports` : null;
}

/** The `throw` statement at the offset that V8 reports. Without a column, a `throw` on the line. */
function throwAt(source: Source, offset: number, place: Place): SgNode | null {
  for (const node of ancestry(nodeAt(source, offset))) {
    if (node.kind() === "throw_statement") return node;
    if (isFunction(node)) break;
  }
  if (place.column !== undefined) return null;
  const onLine = source.root
    .findAll({ rule: { kind: "throw_statement" } })
    .find((n) => lineAt(source, spanOf(n).start) === place.line);
  return onLine ?? null;
}

/**
 * The error that the line creates: `reject(new RangeError(…))`, `callback(new Error(…))`, `const error = new Error(…)`.
 */
function madeAt(source: Source, offset: number, place: Place, type: string): SgNode | null {
  const made = source.root
    .findAll({ rule: { kind: "new_expression" } })
    .filter((n) => lineAt(source, spanOf(n).start) === place.line);
  return (
    made.find((n) => spanOf(n).start === offset && isErrorName(n.field("constructor")?.text() ?? "", type)) ?? null
  );
}

function isErrorName(name: string, type: string): boolean {
  const last = name.split(".").at(-1) ?? "";
  return last === type || last === "Error" || last.endsWith("Error");
}

function ancestry(node: SgNode): SgNode[] {
  return [node, ...node.ancestors()];
}

function oneLine(text: string): string {
  return text.replace(/\s+/g, " ").slice(0, 160);
}
