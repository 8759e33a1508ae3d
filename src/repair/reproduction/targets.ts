import type { SgNode } from "@ast-grep/napi";
import { functionName, isFunction, nodeAt, parametersOf } from "../../syntax/scriptNodes.ts";
import { offsetAt, parseSource, type Source } from "../../syntax/source.ts";
import type { Place, Tree } from "../candidate.ts";
import { type CapturedValue, capturedValues } from "./capturedValues.ts";
import { comparedLiterals } from "./comparedLiterals.ts";
import { inferArguments } from "./inferArguments.ts";
import { moduleKindOf } from "./moduleFormat.ts";
import type { FunctionMark } from "./probe/functionPath.ts";
import type { Target } from "./probe/plan.ts";
import { type Shape, UNDEFINED } from "./probe/shape.ts";

/** Callers further up rarely lead to the crash on their own. */
const MAX_TARGETS = 6;

/** A function to call, and how much of its arguments the Event contains. */
export interface KnownTarget extends Target {
  /** Whether every argument was captured completely. */
  isCaptured: boolean;
}

/**
 * The functions on the stack that a test could call, newest first, in JavaScript files that export something. A script
 * that exports nothing is never loaded, because loading it would run it.
 */
export async function targetsOf(places: readonly Place[], tree: Tree): Promise<KnownTarget[]> {
  const found: KnownTarget[] = [];
  for (const place of places) {
    if (found.length >= MAX_TARGETS) break;
    if (/\.[cm]?tsx?$|\.jsx$/.test(place.file)) continue;
    const source = parseSource(place.file, await tree.read(place.file).catch(() => ""));
    const module = source === null ? null : await moduleKindOf(place.file, source.text, tree);
    if (source === null || module === null) continue;
    const around = functionsAround(source, place);
    const [fn, ...makers] = around;
    if (fn === undefined) continue;
    found.push(targetOf(place, source, fn, makers, module));
    // A caller that is not on the stack (one that created a callback) encloses the function in the text.
    for (const [i, outer] of makers.entries())
      found.push({ ...targetOf({ ...place, vars: undefined }, source, outer, makers.slice(i + 1), module) });
  }
  const seen = new Set<string>();
  return found
    .filter(({ file, fn }) => !seen.has(`${file} ${fn.text}`) && seen.add(`${file} ${fn.text}`))
    .slice(0, MAX_TARGETS);
}

function targetOf(
  place: Place,
  source: Source,
  fn: SgNode,
  makers: readonly SgNode[],
  module: Target["module"],
): KnownTarget {
  const { known, isWhole } = argumentsFrom(fn, place.vars);
  return {
    file: place.file,
    module,
    fn: functionMarkOf(fn),
    known,
    isCaptured: isWhole,
    typical: inferArguments(fn),
    makers: makers.map((maker) => ({ fn: functionMarkOf(maker), typical: inferArguments(maker) })),
    literals: comparedLiterals(source.root),
  };
}

function functionsAround(source: Source, place: Place): SgNode[] {
  const node = nodeAt(source, offsetAt(source, place.line, place.column ?? firstColumn(source, place.line)));
  return [node, ...node.ancestors()].filter(isFunction);
}

/** Column (from 1) of the first character of a line that is not white space. */
function firstColumn(source: Source, line: number): number {
  const start = source.lines[line - 1] ?? 0;
  return (/^\s*/.exec(source.text.slice(start, start + 400))?.[0].length ?? 0) + 1;
}

function functionMarkOf(fn: SgNode): FunctionMark {
  return { name: functionName(fn), text: fn.text(), isVerbatim: true };
}

/** The captured arguments, by parameter name. An argument that was not captured is undefined. */
function argumentsFrom(fn: SgNode, vars: Record<string, string> | undefined): { known: Shape[]; isWhole: boolean } {
  const values = vars === undefined ? new Map<string, CapturedValue>() : capturedValues(vars);
  const taken = parametersOf(fn)
    .filter(({ pattern }) => pattern.kind() !== "rest_pattern")
    .map(({ pattern }) => {
      if (pattern.kind() === "object_pattern") return fromPattern(pattern, values);
      return values.get(pattern.text()) ?? UNKNOWN;
    });
  return {
    known: taken.map((value) => value.shape),
    isWhole: taken.length > 0 && taken.every((value) => value.isWhole),
  };
}

const UNKNOWN: CapturedValue = { shape: UNDEFINED, isWhole: false };

/** `{ sku, quantity: n }`: rebuilds the object that the captured variables were destructured from. */
function fromPattern(pattern: SgNode, values: ReadonlyMap<string, CapturedValue>): CapturedValue {
  const props: Record<string, Shape> = {};
  let isWhole = true;
  for (const part of pattern.namedChildren()) {
    const key = part.kind() === "pair_pattern" ? part.field("key")?.text() : part.text().split(/\s*=/)[0];
    const name = part.kind() === "pair_pattern" ? part.field("value")?.text() : key;
    const value = name === undefined ? undefined : values.get(name);
    isWhole = isWhole && value?.isWhole === true;
    if (key !== undefined && value !== undefined && /^[\w$]+$/.test(key)) props[key] = value.shape;
  }
  return Object.keys(props).length === 0 ? UNKNOWN : { shape: { k: "obj", props }, isWhole };
}
