import type { Exception } from "../../domain/event.ts";

/** What went wrong, read from the exception's message in V8's older and newer wording. */
export type Crash =
  | { kind: "read"; member: string }
  | { kind: "write"; member: string }
  | { kind: "destructure"; member: string | null }
  | { kind: "notFunction"; callee: string }
  | { kind: "notConstructor"; callee: string }
  | { kind: "notIterable"; subject: string | null }
  | { kind: "notDefined"; name: string }
  | { kind: "notInitialized"; name: string }
  | { kind: "nullToObject" }
  | { kind: "in"; member: string }
  | { kind: "emptyReduce" }
  | { kind: "constAssign" }
  | { kind: "needsNew"; name: string }
  | { kind: "invalidUrl" }
  | { kind: "json" }
  | { kind: "invalidTime" }
  | { kind: "range"; of: "length" | "count" | "digits" | "precision" | "radix" }
  | { kind: "toString" }
  | { kind: "bigint" }
  | { kind: "argument"; name: string }
  | { kind: "malformedUri" }
  | { kind: "pattern" }
  /** A package crashed on a missing value that was passed to it. The crashing expression is the call of the package. */
  | { kind: "handedOver" }
  | { kind: "other" };

type Reader = (match: RegExpExecArray) => Crash;

const MESSAGES: readonly (readonly [RegExp, Reader])[] = [
  [/Cannot read propert(?:y|ies) of (?:undefined|null) \(reading '(.+?)'\)/, (m) => read(m[1])],
  [/Cannot read property '(.+?)' of (?:undefined|null)/, (m) => read(m[1])],
  [/(?:undefined|null) is not an object \(evaluating '.*?\.([\w$]+)'\)/, (m) => read(m[1])],
  [/Cannot set propert(?:y|ies) of (?:undefined|null) \(setting '(.+?)'\)/, (m) => write(m[1])],
  [/Cannot set property '(.+?)' of (?:undefined|null)/, (m) => write(m[1])],
  [/Cannot destructure (?:property '(.+?)' of|')/, (m) => ({ kind: "destructure", member: m[1] ?? null })],
  [/Spread syntax requires \.\.\.iterable/, () => ({ kind: "notIterable", subject: null })],
  [/Class constructor (\S+) cannot be invoked without 'new'/, (m) => ({ kind: "needsNew", name: m[1] ?? "" })],
  [/^(?:undefined|null|object|object null|\w+ .*?) is not iterable \(cannot read property Symbol/, notIterable],
  [/^(.+?) is not iterable/, (m) => ({ kind: "notIterable", subject: m[1] ?? null })],
  [/^(.+?) is not a function(?! or)/, (m) => ({ kind: "notFunction", callee: m[1] ?? "" })],
  [/^(.+?) is not a constructor/, (m) => ({ kind: "notConstructor", callee: m[1] ?? "" })],
  [/^(\S+) is not defined/, (m) => ({ kind: "notDefined", name: m[1] ?? "" })],
  [/^Cannot access '(\S+)' before initialization/, (m) => ({ kind: "notInitialized", name: m[1] ?? "" })],
  [/Cannot convert undefined or null to object/, () => ({ kind: "nullToObject" })],
  [/(?:Object\.\w+|Reflect\.\w+) called on non-object/, () => ({ kind: "nullToObject" })],
  [/Cannot use 'in' operator to search for '(.*?)' in/, (m) => ({ kind: "in", member: m[1] ?? "" })],
  [/Reduce of empty array with no initial value/, () => ({ kind: "emptyReduce" })],
  [/Assignment to constant variable/, () => ({ kind: "constAssign" })],
  [/^Invalid URL/, () => ({ kind: "invalidUrl" })],
  [/is not valid JSON|in JSON at position|Unexpected end of JSON input/, () => ({ kind: "json" })],
  [/Invalid time value/, () => ({ kind: "invalidTime" })],
  [/Invalid (?:array|typed array) length/, () => ({ kind: "range", of: "length" })],
  [/Invalid count value/, () => ({ kind: "range", of: "count" })],
  [/toFixed\(\) digits argument/, () => ({ kind: "range", of: "digits" })],
  [/toPrecision\(\) argument/, () => ({ kind: "range", of: "precision" })],
  [/toString\(\) radix/, () => ({ kind: "range", of: "radix" })],
  [/Cannot convert (?:a Symbol value|object) to (?:a string|a number|primitive value)/, () => ({ kind: "toString" })],
  [/Cannot mix BigInt/, () => ({ kind: "bigint" })],
  [/^The "?(.+?)"? argument must be (?:of type|one of type|an instance of)/, (m) => argument(m[1])],
  [/URI malformed/, () => ({ kind: "malformedUri" })],
  [/^Invalid regular expression/, () => ({ kind: "pattern" })],
];

/** Messages about the environment. No code can be repaired for them. */
const OUTSIDE =
  /\b(?:ECONNREFUSED|ECONNRESET|ENOTFOUND|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|EAI_AGAIN|EPIPE|EADDRINUSE|EACCES|EPERM|ENOSPC|EMFILE|ENOMEM|CERT_HAS_EXPIRED|DEPTH_ZERO_SELF_SIGNED_CERT)\b|socket hang up|^fetch failed$|certificate has expired|self[- ]signed certificate|[Aa]llocation failed|JavaScript heap out of memory|Cannot find (?:module|package)/;

/** Reads the first line of the message. Later lines are notes that rethrowing code added. */
export function readCrash(exception: Pick<Exception, "type" | "value">): Crash {
  const message = (exception.value.split("\n")[0] ?? "").trim();
  for (const [pattern, reader] of MESSAGES) {
    const match = pattern.exec(message);
    if (match !== null) return reader(match);
  }
  return { kind: "other" };
}

/**
 * The word in the message that names a cause outside the code (network, disk, memory, installation); null otherwise.
 */
export function outsideCause(exception: Pick<Exception, "type" | "value">): string | null {
  return OUTSIDE.exec(exception.value)?.[0] ?? null;
}

function read(member: string | undefined): Crash {
  return { kind: "read", member: member ?? "" };
}

function write(member: string | undefined): Crash {
  return { kind: "write", member: member ?? "" };
}

function notIterable(): Crash {
  return { kind: "notIterable", subject: null };
}

function argument(name: string | undefined): Crash {
  return { kind: "argument", name: (name ?? "").split(".")[0] ?? "" };
}
