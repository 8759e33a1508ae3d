import type { SgNode } from "@ast-grep/napi";
import { same } from "../../../syntax/scriptNodes.ts";
import type { Form, Insertion, Match } from "../dialect.ts";
import {
  areRead,
  argumentsOf,
  atomOf,
  bare,
  bodyOf,
  calleeOf,
  fieldOf,
  headOf,
  isDefinition,
  isEmptyValue,
  isPlainChain,
  keywordValue,
  operatorOf,
  parts,
  plainText,
} from "./nodes.ts";

const parentheses: Form = (before, after) => {
  const [was, is] = [bare(before), bare(after)];
  if (same(was, before) && same(is, after)) return null;
  return { entry: "optionalAccess", effect: { kind: "none" }, pairs: [[was, is]] };
};

/** `m.k` → `m[:k]`, `Map.get(m, :k)`, `Map.get(m, :k, "")`. */
const fieldToAccess: Form = (before, after) => {
  const field = fieldOf(before);
  if (field === null) return null;
  const now = accessOf(after);
  if (now === null || atomOf(now.key) !== field.key) return null;
  return {
    entry: "optionalAccess",
    effect: { kind: "value", node: after, subjects: [] },
    pairs: [[field.object, now.object]],
  };
};

function accessOf(node: SgNode): { object: SgNode; key: SgNode } | null {
  if (node.kind() === "access_call") {
    const [object, key] = parts(node);
    return object === undefined || key === undefined ? null : { object, key };
  }
  if (calleeOf(node) !== "Map.get") return null;
  const [object, key, fallback, more] = argumentsOf(node);
  if (object === undefined || key === undefined || more !== undefined) return null;
  return fallback === undefined || isEmptyValue(fallback) ? { object, key } : null;
}

/** Calls that raise where a value is missing, and the calls that answer `nil`. */
const GENTLE: Readonly<Record<string, string>> = {
  "Map.fetch!": "Map.get",
  "Keyword.fetch!": "Keyword.get",
  "Enum.fetch!": "Enum.at",
  hd: "List.first",
  "String.to_existing_atom": "",
};

/** `Map.fetch!(m, k)` → `Map.get(m, k)` or `m[k]`, `hd(xs)` → `List.first(xs)`. */
const gentleCall: Form = (before, after) => {
  const wanted = GENTLE[calleeOf(before)];
  const access = /^(?:Map|Keyword)\.get$/.test(wanted ?? "") && after.kind() === "access_call" ? accessOf(after) : null;
  const [owner, key, rest] = argumentsOf(before);
  if (access !== null && owner !== undefined && key !== undefined && rest === undefined)
    return {
      entry: "optionalAccess",
      effect: { kind: "value", node: after, subjects: [] },
      pairs: [
        [owner, access.object],
        [key, access.key],
      ],
    };
  if (wanted === undefined || wanted === "" || calleeOf(after) !== wanted) return null;
  const [was, is] = [argumentsOf(before), argumentsOf(after)];
  const extra = is[was.length];
  if (is.length - was.length > 1 || is.length < was.length || (extra !== undefined && !isEmptyValue(extra)))
    return null;
  return {
    entry: "optionalAccess",
    effect: { kind: "value", node: after, subjects: [] },
    pairs: was.map((one, i) => [one, is[i] ?? one] as const),
  };
};

/** `Map.get(m, k)` → `Map.get(m, k, "")`, `Enum.max(xs)` → `Enum.max(xs, fn -> 0 end)`. */
const defaultArgument: Form = (before, after) => {
  if (before.kind() !== "arguments" || after.kind() !== "arguments") return null;
  const [was, is] = [parts(before), parts(after)];
  const added = is.at(-1);
  const call = after.parent();
  if (added === undefined || call === null || is.length !== was.length + 1) return null;
  const callee = calleeOf(call);
  const gives = /^(?:Map|Keyword)\.get$/.test(callee) && was.length === 2;
  const begins = /^Enum\.(?:max|min|max_by|min_by)$/.test(callee) && /^fn\s*->\s*(\S+)\s*end$/.test(added.text());
  const value = begins ? added.find({ rule: { kind: "body" } })?.namedChildren()[0] : added;
  if ((!gives && !begins) || value === undefined || !isEmptyValue(value)) return null;
  return {
    entry: begins ? "initialValue" : "defaultValue",
    effect: { kind: "value", node: call, subjects: [] },
    pairs: was.map((one, i) => [one, is[i] ?? one] as const),
  };
};

/** `x` → `x || []`. */
const defaultValue: Form = (before, after) => {
  if (after.kind() !== "binary_operator" || operatorOf(after) !== "||") return null;
  const [left, right] = parts(after);
  if (left === undefined || right === undefined || !isEmptyValue(right)) return null;
  return { entry: "defaultValue", effect: { kind: "value", node: after, subjects: [left] }, pairs: [[before, left]] };
};

/** `x.y` → `x && x.y`. */
const guardAnd: Form = (before, after) => {
  if (after.kind() !== "binary_operator" || !/^(?:&&|and)$/.test(operatorOf(after))) return null;
  const [left, right] = parts(after);
  if (left === undefined || right === undefined || !isPlainChain(bare(left)) || !areRead([bare(left)], [right]))
    return null;
  return {
    entry: "presenceGuard",
    effect: { kind: "value", node: after, subjects: [bare(left)] },
    pairs: [[before, right]],
  };
};

/** `x.y` → `if x, do: x.y`, `if is_nil(x), do: nil, else: x.y`, also with blocks. */
const guardChoice: Form = (before, after) => {
  const which = calleeOf(after);
  if (!/^(?:if|unless)$/.test(which)) return null;
  const [condition] = argumentsOf(after);
  const ways = waysOf(after);
  if (condition === undefined || ways === null) return null;
  const check = presence(condition);
  if (check === null) return null;
  const holds = check.present === (which === "if");
  const [kept, empty] = holds ? [ways.yes, ways.no] : [ways.no, ways.yes];
  if (kept === undefined || (empty !== undefined && !isEmptyValue(empty)) || !areRead([check.subject], [kept]))
    return null;
  return {
    entry: "presenceGuard",
    effect: { kind: "value", node: after, subjects: [check.subject] },
    pairs: [[before, kept]],
  };
};

function waysOf(call: SgNode): { yes?: SgNode | undefined; no?: SgNode | undefined } | null {
  const keywords = argumentsOf(call).find((one) => one.kind() === "keywords");
  if (keywords !== undefined) return { yes: keywordValue(keywords, "do"), no: keywordValue(keywords, "else") };
  const block = parts(call).find((one) => one.kind() === "do_block");
  if (block === undefined) return null;
  const otherwise = parts(block).find((one) => one.kind() === "else_block");
  const [yes, more] = parts(block).filter((one) => one.kind() !== "else_block");
  const [no, rest] = otherwise === undefined ? [] : parts(otherwise);
  return more === undefined && rest === undefined ? { yes, no } : null;
}

function presence(condition: SgNode): { subject: SgNode; present: boolean } | null {
  const node = bare(condition);
  if (isPlainChain(node)) return { subject: node, present: true };
  if (/^is_(?:list|map|binary|number|integer|atom|tuple)$/.test(calleeOf(node))) {
    const [only] = argumentsOf(node);
    return only !== undefined && isPlainChain(only) ? { subject: only, present: true } : null;
  }
  if (calleeOf(node) === "is_nil") {
    const [only] = argumentsOf(node);
    return only !== undefined && isPlainChain(only) ? { subject: only, present: false } : null;
  }
  if (node.kind() === "unary_operator" && /^(?:!|not)$/.test(operatorOf(node))) {
    const [inner] = parts(node);
    const check = inner === undefined ? null : presence(inner);
    return check === null ? null : { subject: check.subject, present: !check.present };
  }
  if (node.kind() !== "binary_operator" || !/^(?:==|!=)$/.test(operatorOf(node))) return null;
  const [left, right] = parts(node);
  if (left === undefined || right === undefined || !/^(?:nil|\[\])$/.test(right.text()) || !isPlainChain(left))
    return null;
  return { subject: left, present: operatorOf(node) === "!=" };
}

/** `x` → `to_string(x)`, `List.wrap(x)`. */
const coercion: Form = (before, after) => {
  if (!/^(?:to_string|List\.wrap)$/.test(calleeOf(after))) return null;
  const [only, more] = argumentsOf(after);
  if (only === undefined || more !== undefined) return null;
  return { entry: "coercion", effect: { kind: "value", node: after, subjects: [only] }, pairs: [[before, only]] };
};

const correctedName: Form = (before, after) => {
  const kind = String(before.kind());
  if (kind !== after.kind() || !/^(?:identifier|atom|keyword)$/.test(kind)) return null;
  const parent = after.parent();
  const owner = parent?.kind() === "dot" ? parent.parent() : parent;
  const called =
    owner?.kind() === "call" &&
    (fieldOf(owner) === null || parent?.kind() !== "dot") &&
    same(parts(owner)[0] ?? null, parent?.kind() === "dot" ? parent : after);
  return {
    entry: "correctedName",
    effect: { kind: "name", from: before.text(), to: after.text(), called, node: after },
    pairs: [],
  };
};

/** `x` → `"#{x}"`. */
const textCoercion: Form = (before, after) => {
  if (after.kind() !== "string" || before.kind() === "string") return null;
  const [only, more] = parts(after);
  const inner = only?.kind() === "interpolation" && more === undefined ? parts(only)[0] : undefined;
  if (inner === undefined || !/^"#\{[^}]*\}"$/.test(after.text())) return null;
  return { entry: "coercion", effect: { kind: "value", node: after, subjects: [inner] }, pairs: [[before, inner]] };
};

/** `def f(x, options)` → `def f(x, options \\\\ %{})`. */
const parameterDefault: Form = (before, after) => {
  if (after.kind() !== "binary_operator" || operatorOf(after) !== "\\\\" || before.kind() !== "identifier") return null;
  const [name, value] = parts(after);
  if (name === undefined || value === undefined || !isEmptyValue(value)) return null;
  return { entry: "defaultValue", effect: { kind: "value", node: name, subjects: [name] }, pairs: [[before, name]] };
};

/** `x.y` → `case x do nil -> nil; v -> v.y end`, `case x do %{y: v} -> v; nil -> nil end`. */
const guardCase: Form = (before, after) => {
  if (calleeOf(after) !== "case") return null;
  const [subject, more] = argumentsOf(after);
  const block = parts(after).find((one) => one.kind() === "do_block");
  const clauses = block === undefined ? [] : parts(block);
  if (subject === undefined || more !== undefined || clauses.length !== 2) return null;
  const empty = clauses.find((clause) => isEmptyBranch(clause, clause === clauses[1]));
  const kept = clauses.find((clause) => clause !== empty);
  return empty === undefined || kept === undefined ? null : guardByPattern(before, after, subject, branchOf(kept));
};

/** `x.y` → `with %{y: v} <- x do v end`, with or without `else _ -> nil`. */
const guardWith: Form = (before, after) => {
  if (calleeOf(after) !== "with") return null;
  const [generator, more] = argumentsOf(after);
  const block = parts(after).find((one) => one.kind() === "do_block");
  if (generator?.kind() !== "binary_operator" || operatorOf(generator) !== "<-" || more !== undefined) return null;
  const [pattern, subject] = parts(generator);
  const otherwise = block === undefined ? undefined : parts(block).find((one) => one.kind() === "else_block");
  const [body, rest] = block === undefined ? [] : parts(block).filter((one) => one.kind() !== "else_block");
  const [branch, another] = otherwise === undefined ? [] : parts(otherwise);
  if (pattern === undefined || subject === undefined || body === undefined || rest !== undefined) return null;
  if (another !== undefined || (branch !== undefined && !isEmptyBranch(branch, true))) return null;
  return pattern.kind() === "map" ? guardByPattern(before, after, subject, { pattern, value: body }) : null;
};

/** The value of the branch is what was there before, if the names of the pattern are put in. */
function guardByPattern(
  before: SgNode,
  after: SgNode,
  subject: SgNode,
  branch: { pattern: SgNode; value: SgNode } | null,
): Match | null {
  if (branch === null || !isPlainChain(bare(subject))) return null;
  const names = namesOfPattern(branch.pattern, plainText(bare(subject)));
  if (names === null || before.has({ rule: { any: [{ kind: "stab_clause" }, { kind: "string" }] } })) return null;
  const text = plainText(branch.value).replace(
    /(?<![\w.:@&])[a-z_]\w*(?![\w:?!(])/g,
    (name) => names.get(name) ?? name,
  );
  if (text !== plainText(before)) return null;
  return { entry: "presenceGuard", effect: { kind: "value", node: after, subjects: [bare(subject)] }, pairs: [] };
}

/** What the names of `v`, `%{k: v}` stand for; null: another pattern. */
/** `fn row -> row.text end` → `fn nil -> nil; row -> row.text end`. */
const guardClause: Form = (before, after) => {
  if (before.kind() !== "anonymous_function" || after.kind() !== "anonymous_function") return null;
  const [was, more] = parts(before);
  const [empty, kept, rest] = parts(after);
  const branch = empty === undefined ? null : branchOf(empty);
  if (was === undefined || kept === undefined || more !== undefined || rest !== undefined) return null;
  if (branch === null || empty === undefined || branch.pattern.text() !== "nil" || !isEmptyBranch(empty, false))
    return null;
  return {
    entry: "earlyReturn",
    effect: { kind: "leave", statement: empty, value: branch.value, subjects: [branch.pattern], leftOut: [kept] },
    pairs: [[was, kept]],
  };
};

function namesOfPattern(pattern: SgNode, subject: string): Map<string, string> | null {
  if (pattern.kind() === "identifier") return new Map([[pattern.text(), subject]]);
  const pairs = /^%\{((?:\w+:[a-z_]\w*,?)+)\}$/.exec(pattern.text().replace(/\s+/g, ""))?.[1];
  if (pairs === undefined) return null;
  return new Map([...pairs.matchAll(/(\w+):(\w+)/g)].map(([, key, name]) => [name ?? "", `${subject}.${key}`]));
}

/** The forms in the order in which they are tried. */
export const FORMS: readonly Form[] = [
  fieldToAccess,
  gentleCall,
  defaultArgument,
  defaultValue,
  guardAnd,
  guardChoice,
  guardCase,
  guardWith,
  guardClause,
  coercion,
  textCoercion,
  parameterDefault,
  correctedName,
  parentheses,
];

/** The pattern and the only expression of a branch without a guard; null: it is another branch. */
function branchOf(clause: SgNode): { pattern: SgNode; value: SgNode } | null {
  if (clause.kind() !== "stab_clause") return null;
  const [left, body] = parts(clause);
  const [pattern, more] = left?.kind() === "arguments" ? parts(left) : [];
  const [value, rest] = body?.kind() === "body" ? parts(body) : [];
  if (pattern === undefined || more !== undefined || value === undefined || rest !== undefined) return null;
  return { pattern, value };
}

/** `nil -> ""`, `:error -> nil`; at the end also `_ -> nil`. */
function isEmptyBranch(clause: SgNode, isLast: boolean): boolean {
  const branch = branchOf(clause);
  if (branch === null || !isEmptyValue(branch.value)) return false;
  const pattern = branch.pattern.text();
  return /^(?:nil|:error|\[\s*\])$/.test(pattern) || (isLast && /^_\w*$/.test(pattern));
}

/** A branch of a `case` for what is not there: `nil -> ""`. */
function emptyBranch(statement: SgNode, following: readonly SgNode[]): Omit<Match, "pairs"> | null {
  const owner = statement.parent()?.parent();
  if (owner == null || calleeOf(owner) !== "case" || !isEmptyBranch(statement, following.length === 0)) return null;
  return { entry: "earlyReturn", effect: { kind: "value", node: owner, subjects: argumentsOf(owner).slice(0, 1) } };
}

/**
 * A clause for what is not there beside the crashing function's own clauses: `def name(nil), do: nil`, at the end also
 * `def name(_), do: nil`; or a branch of a `case`.
 */
export const nilClause: Insertion = (statement, following, preceding) => {
  if (statement.kind() === "stab_clause")
    return emptyBranch(
      statement,
      following.filter((one) => one.isNamed()),
    );
  if (!isDefinition(statement)) return null;
  const head = headOf(statement);
  const whole = bodyOf(statement);
  const [inner, more] = whole?.kind() === "do_block" ? parts(whole) : [whole ?? undefined];
  const value = more === undefined ? (inner ?? null) : null;
  if (head === null || value === null || !isEmptyValue(value)) return null;
  const isClause = (one: SgNode) => {
    const other = isDefinition(one) ? headOf(one) : null;
    return (
      other !== null &&
      other.name === head.name &&
      other.args.length === head.args.length &&
      calleeOf(one) === calleeOf(statement)
    );
  };
  const clauses = [...preceding, ...following].filter(isClause);
  const isLast = !following.some(isClause);
  const nils = head.args.filter((arg) => arg.has({ rule: { kind: "nil" } }) || arg.kind() === "nil");
  const missing = nils.length > 0 ? nils : head.args.filter((arg) => isLast && /^_\w*$/.test(arg.text()));
  const rest = head.args.filter((arg) => !missing.includes(arg));
  if (clauses.length === 0 || missing.length === 0 || head.args.some((arg) => !isPlainPattern(arg))) return null;
  if (rest.some((arg) => arg.kind() !== "identifier")) return null;
  return {
    entry: "earlyReturn",
    effect: {
      kind: "leave",
      statement,
      value,
      subjects: missing,
      leftOut: clauses.flatMap((clause) => bodyOf(clause) ?? []),
    },
  };
};

/** `nil`, a name, or a map or struct of these. */
function isPlainPattern(pattern: SgNode): boolean {
  return /^(?:nil|\w+|%\w*\{\s*(?:\w+:\s*(?:nil|_\w*|\w+)\s*,?\s*)*\}(?:\s*=\s*\w+)?)$/.test(pattern.text());
}
