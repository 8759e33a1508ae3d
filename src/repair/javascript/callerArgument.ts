import type { SgNode } from "@ast-grep/napi";
import { argumentsOf, bare, functionName, functionOf, parametersOf } from "../../syntax/scriptNodes.ts";
import type { Source } from "../../syntax/source.ts";
import type { Place } from "../candidate.ts";
import { callAt } from "./locateCrash.ts";

/** The same value one frame up: the call that passed it, and how the caller writes it. */
export interface CallerArgument {
  /** The call that passed the value. */
  node: SgNode;
  /** The argument of that call. */
  subject: SgNode;
  /** The value as the caller writes it: `argument.member`. */
  text: string;
  /**
   * false when the call uses another name (an alias, a table). It is then less certain that this call led to the crash.
   */
  named: boolean;
}

/**
 * Follows a value from a function's parameter to the argument in the caller's frame. null when the value does not come
 * from a parameter, or when the frame's line has no call of that function.
 */
export function argumentInCaller(
  subject: { node: SgNode; text: string },
  caller: { source: Source; place: Place },
): CallerArgument | null {
  const fn = functionOf(subject.node);
  if (fn === null) return null;
  const origin = parameterOf(fn, subject.text);
  if (origin === null) return null;
  const named = callAt(caller.source, caller.place, functionName(fn));
  const call = named ?? callback(caller);
  if (call === null) return null;
  const argument = argumentsOf(call)[origin.index];
  if (argument === undefined || /^(?:spread_element|arrow_function|function_expression)$/.test(String(argument.kind())))
    return null;
  const text = bare(argument).text();
  if (origin.rest !== "" && !/^[\w$.[\]'"]+$/.test(text)) return null;
  return { node: call, subject: argument, text: text + origin.rest, named: named !== null };
}

/** Index of the parameter that a value is read from, and the member path after it. null for `this` and other values. */
export function parameterOf(fn: SgNode, text: string): { index: number; rest: string } | null {
  const match = /^([\w$]+)((?:\.[\w$]+|\[[^\]]+\])*)$/.exec(text);
  if (match === null) return null;
  const index = parametersOf(fn).findIndex((p) => p.pattern.text() === match[1]);
  const rest = match[2] ?? "";
  // A member with a computed key cannot be followed: the caller does not know the key.
  if (index === -1 || /\[(?!['"\d])/.test(rest)) return null;
  return { index, rest };
}

/** A call under another name (an alias, a method of a table): the call at exactly this line and column. */
function callback(caller: { source: Source; place: Place }): SgNode | null {
  return caller.place.column === undefined ? null : callAt(caller.source, caller.place, null);
}
