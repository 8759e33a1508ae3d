import type { SgNode } from "@ast-grep/napi";
import { findKinds } from "../../../syntax/scriptNodes.ts";

/** Functions of the language that turn a value into another form. A repair may newly call them. */
export const COERCIONS: ReadonlySet<string> = new Set(["String", "Number", "Array.from"]);

/** Functions of the language that only compute. */
const FUNCTIONS =
  /^(?:String|Number|Boolean|BigInt|parseInt|parseFloat|isNaN|isFinite|encodeURIComponent|decodeURIComponent|Array\.(?:from|of|isArray)|Object\.(?:keys|values|entries|fromEntries|hasOwn)|JSON\.(?:parse|stringify)|Math\.\w+|Number\.\w+|String\.(?:raw|fromCharCode|fromCodePoint)|Date\.(?:parse|UTC)|Buffer\.(?:from|byteLength)|structuredClone)$/;

/** Methods of texts, lists, maps, numbers and dates that only compute. */
const METHODS = new Set(
  (
    "at charAt charCodeAt codePointAt concat endsWith includes indexOf lastIndexOf localeCompare match matchAll normalize " +
    "padEnd padStart repeat replace replaceAll search slice split startsWith substring substr toLowerCase toUpperCase " +
    "toLocaleLowerCase toLocaleUpperCase trim trimEnd trimStart toString valueOf entries every filter find findIndex " +
    "findLast findLastIndex flat flatMap join keys map reduce reduceRight some values toReversed toSorted toSpliced with " +
    "get has toFixed toPrecision toExponential toISOString toLocaleString toLocaleDateString toLocaleTimeString " +
    "toDateString toJSON getTime getFullYear getMonth getDate getDay getHours getMinutes getSeconds getMilliseconds " +
    "exec test hasOwnProperty forEach reverse"
  ).split(" "),
);

/** Methods whose names say that they read: `getName`, `formatPrice`, `toText`. */
const READING = /^(?:get|format|to|as|describe)[A-Z]/;

/** Calls whose answer is a yes or no. */
export const YES_NO =
  /(?:^|\.)(?:includes|some|every|startsWith|endsWith|has|hasOwn|hasOwnProperty|test|isArray|isInteger|isSafeInteger|isFinite|isNaN|Boolean)$/;

/** Calls that choose among elements by what their function answers. */
export const CHOOSING =
  /^(?:filter|find|findIndex|findLast|findLastIndex|some|every|sort|toSorted|partition|reject|takeWhile|dropWhile)$/;

/** The name of a callee without optional marks: `Math.max`, `x.trim`. */
export function calleeName(call: SgNode): string {
  const callee = call.field("function") ?? call.field("constructor");
  return (callee?.text() ?? "").replace(/\?\./g, ".").replace(/\s+/g, "");
}

/** The last name of a callee: `trim` of `x.y.trim`. */
export function lastName(call: SgNode): string {
  return /[\w$]+$/.exec(calleeName(call))?.[0] ?? "";
}

/** Whether a call is one of the language's own that only compute, or says so by its name. */
export function isPureCall(call: SgNode): boolean {
  if (call.kind() === "new_expression")
    return /^(?:Date|Set|Map|URLSearchParams|Intl\.\w+|(?:Type|Range)?Error)$/.test(calleeName(call));
  const name = calleeName(call);
  const root = /^[\w$]+/.exec(name)?.[0] ?? "";
  if (FUNCTIONS.test(name)) return !isDeclaredIn(call, root);
  if (!name.includes(".") && call.field("function")?.kind() !== "member_expression") return false;
  return METHODS.has(lastName(call)) || changesFresh(call) || READING.test(lastName(call));
}

/** `x.split(".").pop()`: what is changed was made for it. */
function changesFresh(call: SgNode): boolean {
  const made = call.field("function")?.field("object");
  return (
    /^(?:pop|shift|sort|reverse|splice|fill)$/.test(lastName(call)) &&
    made?.kind() === "call_expression" &&
    /^(?:split|slice|concat|map|filter|flatMap|flat|match|keys|values|entries|from|toSorted|toReversed)$/.test(
      lastName(made),
    ) &&
    isPureCall(made)
  );
}

/** Whether the file of a node declares or imports a name, or writes to it. */
export function isDeclaredIn(node: SgNode, name: string): boolean {
  if (name === "") return true;
  const root = node.ancestors().at(-1) ?? node;
  const binders = findKinds(
    root,
    "variable_declarator",
    "function_declaration",
    "class_declaration",
    "import_specifier",
    "import_clause",
    "namespace_import",
    "formal_parameters",
    "assignment_expression",
    "augmented_assignment_expression",
    "catch_clause",
  );
  const word = new RegExp(`(?<![\\w$.])${name.replaceAll("$", "\\$")}(?![\\w$])`);
  return binders.some((binder) => {
    const target = binder.field("name") ?? binder.field("left") ?? binder.field("parameter") ?? binder;
    return word.test(target.text());
  });
}
