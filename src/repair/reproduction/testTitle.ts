import type { Exception } from "../../domain/event.ts";
import { safeType } from "../../domain/subject.ts";
import { parseSource } from "../../syntax/source.ts";
import type { Place, Tree } from "../candidate.ts";
import { readCrash } from "../javascript/crashKinds.ts";
import { locateCrash } from "../javascript/locateCrash.ts";

/** The title of a regression test, and the words that its file name gets from it. */
export interface TestTitle {
  title: string;
  slug: string;
}

/** Titles name what must no longer throw: `total does not throw when cart.items is undefined`. */
export async function testTitleOf(
  exception: Pick<Exception, "type" | "value">,
  place: Place,
  caller: string | null,
  tree: Tree,
): Promise<TestTitle> {
  const name = plain(caller ?? place.function?.split(".").at(-1) ?? nameless(place.file));
  const when = await whenOf(exception, place, tree);
  return { title: `${name} does not throw ${when}`, slug: slugOf(when.replace(/^(?:when|for) /, "")) };
}

/** The exception for a one-line comment: its type. The message is text of strangers, which is never committed. */
export function threwOf({ type }: Pick<Exception, "type">): string {
  const safe = safeType(type);
  return /^[aeiou]/i.test(safe) ? `an ${safe}` : `a ${safe}`;
}

async function whenOf(exception: Pick<Exception, "type" | "value">, place: Place, tree: Tree): Promise<string> {
  const crash = readCrash(exception);
  const isNull = /\bof null\b|null is not/.test(exception.value);
  const subject = await subjectOf(exception, place, tree);
  if (crash.kind === "emptyReduce") return "for an empty list";
  if (crash.kind === "read" || crash.kind === "write" || crash.kind === "destructure" || crash.kind === "nullToObject")
    return `when ${subject} is ${isNull ? "null" : "undefined"}`;
  if (crash.kind === "notFunction") return `when ${subject} is not a function`;
  if (crash.kind === "notIterable") return `when ${subject} is not iterable`;
  return `${threwOf(exception)} for ${subject}`;
}

/** The expression that was not what the code assumed, if it is short and readable; else "a value". */
async function subjectOf(exception: Pick<Exception, "type" | "value">, place: Place, tree: Tree): Promise<string> {
  const source = parseSource(place.file, await tree.read(place.file).catch(() => ""));
  const [first] = source === null ? [] : locateCrash(source, place, readCrash(exception));
  const text = first?.subject.text() ?? "";
  return /^[\w$.?[\]()]{1,40}$/.test(text) ? plain(text) : "a value";
}

function nameless(file: string): string {
  return file.slice(file.lastIndexOf("/") + 1).replace(/\..*$/, "");
}

/** Keeps only characters that test runners print unchanged and do not read as a pattern. */
function plain(text: string): string {
  return text.replace(/[^\w$.\- ]+/g, "").trim() || "it";
}

function slugOf(text: string): string {
  const words = text
    .replace(/([a-z0-9])([A-Z])/g, "$1-$2")
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .filter((word) => word !== "" && !["a", "an", "is", "the"].includes(word));
  return words.slice(-5).join("-").slice(0, 48) || "regression";
}
