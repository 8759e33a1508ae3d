import type { SgNode } from "@ast-grep/napi";
import { findKinds, same } from "../../../syntax/scriptNodes.ts";
import type { Round, Use } from "../dialect.ts";
import { isPlainChoice } from "../plainChoice.ts";
import { argumentsOf, calleeOf, fieldOf, isDefinition, keywordValue, operatorOf, parts, readsOf } from "./nodes.ts";

const UP: Use = { kind: "up" };
const ENDS: Use = { kind: "ends" };
const PURE =
  /^(?:to_string|inspect|length|byte_size|map_size|tuple_size|elem|hd|tl|abs|div|rem|round|trunc|max|min|is_\w+|String\.\w+|Map\.(?:get|fetch|keys|values|merge|put|take|drop|has_key\?|new|to_list)|Keyword\.(?:get|fetch|keys|values|merge|put|take|has_key\?)|List\.\w+|Integer\.\w+|Float\.\w+|Enum\.(?!each)\w+|Tuple\.\w+|Date\.\w+|DateTime\.\w+|NaiveDateTime\.\w+|Decimal\.\w+|get_in)$/;
const YES_NO = /^(?:is_\w+|\w+\.(?:\w+\?)|Enum\.(?:any\?|all\?|member\?|empty\?))$/;
const CHOOSING =
  /^Enum\.(?:filter|reject|find|any\?|all\?|sort_by|sort|take_while|drop_while|split_with|min_by|max_by|find_index|count)$/;
const SHOWS = /^(?:IO\.\w+|Logger\.\w+|json|render|text|html|Phoenix\.Controller\.(?:json|render|text|html))$/;
/** Functions that choose by an argument after the first: keys, counts, bounds, patterns. */
const CHOOSES_BY_ARGUMENT =
  /^(?:(?:Map|Keyword)\.(?:get|fetch!?|has_key\?|take|drop|pop|delete)|Enum\.(?:take|drop|slice|at|fetch!?|chunk_every|split)|String\.(?:replace|slice|split|at|trim\w*)|List\.\w+|elem|get_in)$/;
const CONTROL = /^(?:if|unless|case|cond|with|for|try|quote|receive)$/;

/** Whether a call computes a value from its arguments and does nothing else. */
export function isPureCall(call: SgNode): boolean {
  return fieldOf(call) !== null || PURE.test(calleeOf(call));
}

/** How the parent of a node uses the node's value. Default-deny: an unknown parent loses the value. */
export function useOf(node: SgNode, parent: SgNode): Use {
  switch (String(parent.kind())) {
    case "block":
    case "dot":
    case "list":
    case "tuple":
    case "map":
    case "map_content":
    case "interpolation":
    case "string":
      return UP;
    case "access_call":
      return same(parts(parent)[0] ?? null, node) ? UP : { kind: "decides", why: "a lookup chooses by it" };
    case "call":
      return UP;
    case "unary_operator":
      return /^(?:!|not)$/.test(operatorOf(parent)) ? { kind: "up", yesNo: true } : UP;
    case "binary_operator":
      return operatorUse(node, parent);
    case "keywords":
      return UP;
    case "pair":
      return pairUse(parent);
    case "arguments":
      return argumentUse(node, parent);
    case "do_block":
    case "else_block":
    case "body":
      return blockUse(node, parent);
    case "source":
      return { kind: "discarded" };
    default:
      return { kind: "lost", why: `a ${String(parent.kind()).replaceAll("_", " ")}` };
  }
}

function operatorUse(node: SgNode, parent: SgNode): Use {
  const operator = operatorOf(parent);
  const [left, right] = parts(parent);
  if (/^(?:==|!=|===|!==|<|>|<=|>=|=~|in|not in)$/.test(operator)) return { kind: "up", yesNo: true };
  if (operator === "|>" && same(left ?? null, node)) {
    if (right === undefined) return UP;
    if (isPureCall(right)) return { kind: "up", yesNo: YES_NO.test(calleeOf(right)) };
    if (SHOWS.test(calleeOf(right))) return ENDS;
    return { kind: "passed", callee: calleeOf(right), index: 0 };
  }
  if (operator === "=" && same(right ?? null, node))
    return left === undefined
      ? UP
      : {
          kind: "named",
          reads: readsOf(
            parent,
            [left, ...findKinds(left, "identifier")].map((n) => n.text()),
          ),
        };
  if (
    /^(?:&&|\|\||and|or)$/.test(operator) &&
    same(left ?? null, node) &&
    right !== undefined &&
    effectsIn(right).length > 0
  )
    return { kind: "decides", why: "what follows is done or left out by it" };
  return UP;
}

/** `do: value` of a definition is what it returns; of `if`, its value. */
function pairUse(pair: SgNode): Use {
  const keywords = pair.parent();
  const owner = keywords?.parent()?.kind() === "arguments" ? (keywords.parent()?.parent() ?? null) : null;
  const key = parts(pair)[0]?.text().trim() ?? "";
  if (owner === null || !/^(?:do|else|rescue|after):$/.test(key)) return UP;
  if (isDefinition(owner)) return { kind: "returned" };
  return UP;
}

function blockUse(node: SgNode, block: SgNode): Use {
  const last = parts(block)
    .filter((one) => !/_block$/.test(String(one.kind())))
    .at(-1);
  if (!same(last ?? null, node)) return { kind: "discarded" };
  const owner = block.kind() === "else_block" ? block.parent()?.parent() : block.parent();
  if (owner == null) return { kind: "lost", why: "a block" };
  if (isDefinition(owner) || owner.ancestors()[0]?.kind() === "anonymous_function") return { kind: "returned" };
  if (owner.kind() === "stab_clause") {
    const holder = owner.parent();
    return holder?.kind() === "anonymous_function"
      ? { kind: "returned" }
      : { kind: "decides", why: "a clause chooses" };
  }
  return CONTROL.test(calleeOf(owner)) ? UP : { kind: "lost", why: `the block of ${calleeOf(owner).slice(0, 40)}` };
}

function argumentUse(node: SgNode, list: SgNode): Use {
  const call = list.parent();
  if (call === null) return { kind: "lost", why: "an argument" };
  if (call.kind() === "stab_clause") return { kind: "lost", why: "a pattern" };
  const name = calleeOf(call);
  // Keywords of a control form hold its ways; what reaches this place through them is its value.
  if (/^(?:if|unless)$/.test(name)) return node.kind() === "keywords" ? UP : conditionUse(call);
  // The elements of a generator: without them there is no round.
  if (name === "for" && node.kind() === "binary_operator" && operatorOf(node) === "<-") return UP;
  if (/^(?:case|cond|with|for)$/.test(name) && node.kind() === "keywords") return UP;
  if (/^(?:case|cond|with|for)$/.test(name)) return { kind: "decides", why: `a ${name} chooses by it` };
  if (isDefinition(call) || isHead(call))
    return {
      kind: "named",
      reads: readsOf(
        node,
        [node, ...findKinds(node, "identifier")].map((n) => n.text()),
      ),
    };
  const index = parts(list).findIndex((one) => same(one, node));
  const piped = isPiped(call);
  const isGet = /^(?:Map|Keyword)\.get$/.test(name);
  if (isGet && parts(list)[piped ? 1 : 2]?.kind() === "string") return UP;
  if (CHOOSES_BY_ARGUMENT.test(name) && (piped || index > 0) && !(isGet && index === (piped ? 1 : 2)))
    return { kind: "decides", why: `what ${name} gives depends on it` };
  if (isPureCall(call)) return { kind: "up", yesNo: YES_NO.test(name) };
  if (SHOWS.test(name)) return ENDS;
  if (/^[a-z_]\w*[?!]?$/.test(name)) return { kind: "passed", callee: name, index: piped ? index + 1 : index };
  return { kind: "lost", why: `it is given to ${name.slice(0, 60)}` };
}

function conditionUse(call: SgNode): Use {
  const ways = [
    ...parts(call).filter((one) => one.kind() === "do_block"),
    ...argumentsOf(call).filter((one) => one.kind() === "keywords"),
  ];
  if (ways.some((way) => effectsIn(way).length > 0))
    return { kind: "decides", why: "an action is done or left out by it" };
  const plain = /^(?:true|false|:\w+|\{:(?:ok|error|halt|cont)\b.*)$/s;
  if (ways.some((way) => findKinds(way, "atom", "boolean").some((n) => plain.test(n.text()))))
    return { kind: "decides", why: "a choice between two answers" };
  const [condition] = argumentsOf(call);
  return isPlainChoice(
    condition?.text() ?? "",
    ways.map((way) => way.text()),
  )
    ? UP
    : { kind: "decides", why: "a choice between two values" };
}

/** `f(x)` of `def f(x)`, with or without a guard. */
function isHead(call: SgNode): boolean {
  const parent = call.parent();
  const list = parent?.kind() === "binary_operator" && operatorOf(parent) === "when" ? parent.parent() : parent;
  const owner = list?.kind() === "arguments" ? list.parent() : null;
  return owner != null && isDefinition(owner);
}

/** Whether a call gets its first argument from the left side of `|>`. */
function isPiped(call: SgNode): boolean {
  const parent = call.parent();
  return parent?.kind() === "binary_operator" && operatorOf(parent) === "|>" && same(parts(parent)[1] ?? null, call);
}

/** What is done for each element of a list: see `Dialect.roundsOver`. */
export function roundsOver(node: SgNode, parent: SgNode): Round[] {
  if (parent.kind() === "arguments") return functionsIn(parts(parent).filter((one) => !same(one, node)));
  if (parent.kind() !== "binary_operator") return [];
  const [left, right] = parts(parent);
  if (operatorOf(parent) === "|>" && same(left ?? null, node) && right !== undefined)
    return functionsIn(argumentsOf(right));
  const walk = parent.parent()?.parent();
  if (operatorOf(parent) !== "<-" || !same(right ?? null, node) || walk == null || calleeOf(walk) !== "for") return [];
  const keywords = argumentsOf(walk).find((one) => one.kind() === "keywords");
  const body =
    parts(walk).find((one) => one.kind() === "do_block") ??
    (keywords === undefined ? undefined : keywordValue(keywords, "do"));
  return body === undefined ? [] : [{ body }];
}

function functionsIn(list: readonly SgNode[]): Round[] {
  return list.flatMap((one): Round[] => {
    if (one.kind() === "anonymous_function") return [{ body: one }];
    if (one.kind() !== "unary_operator" || !one.text().startsWith("&")) return [];
    const name = /^&\(?(?:[\w.]+\.)?(\w+[?!]?)\/\d+\)?$/.exec(one.text())?.[1];
    return name === undefined ? [{ body: one }] : [{ calls: name }];
  });
}

/** What a node does beside computing: calls that are not the language's own pure ones, raises, sends. */
export function effectsIn(node: SgNode): SgNode[] {
  return [node, ...findKinds(node, "call")].filter(
    (found) =>
      found.kind() === "call" &&
      !isPureCall(found) &&
      !CONTROL.test(calleeOf(found)) &&
      !isDefinition(found) &&
      !found
        .ancestors()
        .some(
          (a) =>
            a.kind() === "arguments" &&
            a.parent() !== null &&
            isDefinition(a.parent() ?? a) &&
            !same(bodyKeywords(a), found),
        ),
  );
}

function bodyKeywords(list: SgNode): SgNode | null {
  return parts(list).find((one) => one.kind() === "keywords") ?? null;
}

/** How a function that is given to a call is used by it. */
export function callbackUse(fn: SgNode): Use | null {
  if (isDefinition(fn)) return null;
  const call = fn.parent()?.kind() === "arguments" ? fn.parent()?.parent() : null;
  if (call == null) return null;
  const name = calleeOf(call);
  if (CHOOSING.test(name)) return { kind: "decides", why: `${name} chooses by it` };
  if (/^Enum\.(?:map|flat_map|reduce|map_join|with_index|into|zip_with|group_by|sum_by)$/.test(name)) return UP;
  if (/^Enum\.each$/.test(name)) return ENDS;
  return { kind: "lost", why: `it answers ${name.slice(0, 60)}` };
}
