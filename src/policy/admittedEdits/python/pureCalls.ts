import type { SgNode } from "@ast-grep/napi";
import { calleeName, isBound } from "./nodes.ts";

/** Functions of the language that turn a value into another form. */
export const COERCIONS: ReadonlySet<string> = new Set(["str", "int", "float", "list", "dict", "tuple"]);

const FUNCTIONS =
  /^(?:str|int|float|bool|bytes|len|list|dict|tuple|set|frozenset|sorted|reversed|min|max|sum|abs|round|range|enumerate|zip|map|any|all|isinstance|issubclass|hasattr|getattr|repr|format|ord|chr|next|iter|json\.(?:loads|dumps)|math\.\w+|datetime\.\w+|datetime\.datetime\.\w+|Decimal)$/;
const METHODS = new Set(
  (
    "get keys values items strip lstrip rstrip lower upper title capitalize casefold split rsplit splitlines partition " +
    "rpartition join replace startswith endswith find rfind index rindex count encode decode format zfill ljust rjust " +
    "center isdigit isalpha isalnum isnumeric isspace isupper islower copy isoformat strftime date time timestamp " +
    "total_seconds union intersection difference issubset issuperset isocalendar weekday group groups groupdict match search fullmatch"
  ).split(" "),
);
const READING = /^(?:get|format|to|as|describe)_\w+$/;

/** Calls whose answer is a yes or no. */
export const YES_NO =
  /(?:^|\.)(?:startswith|endswith|isinstance|issubclass|hasattr|any|all|bool|isdigit|isalpha|isalnum|isnumeric|issubset|issuperset|match|fullmatch)$/;

export function lastName(call: SgNode): string {
  return /\w+$/.exec(calleeName(call))?.[0] ?? "";
}

/** Whether a call is one of the language's own that only compute, or says so by its name. */
export function isPureCall(call: SgNode): boolean {
  const name = calleeName(call);
  if (FUNCTIONS.test(name)) return !isBound(call, /^\w+/.exec(name)?.[0] ?? "") || name.includes(".");
  return name.includes(".") && (METHODS.has(lastName(call)) || READING.test(lastName(call)));
}
