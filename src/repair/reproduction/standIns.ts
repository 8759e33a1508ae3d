import type { CapturedRequest } from "../../domain/event.ts";
import type { Shape } from "./probe/shape.ts";

/**
 * A text of the same form that says nothing: each letter becomes `a` or `A`, each digit `1`. Punctuation and length stay,
 * because code that splits or parses depends on them. Texts that the source has stay, and so do dates and short numbers.
 *
 * @example
 * standInText("Ada Lovelace, 12 St.", ""); // "Aaa Aaaaaaaa, 11 Aa."
 */
function standInText(text: string, source: string): string {
  if (text.length < 2 || source.includes(text) || isPlainNumber(text) || GONE.test(text)) return text;
  return text.replace(/\p{Lu}/gu, "A").replace(/(?!A)[\p{L}\p{N}\p{So}]/gu, (char) => (/\d/.test(char) ? "1" : "a"));
}

/** What a scrubber or a client already replaced. */
const GONE = /\[scrubbed:|\[Filtered\]|^<[^>]{1,80}>$|^\[[A-Z][^\]]{0,80}\]$/;

/** Numbers of up to six digits, and dates. */
function isPlainNumber(text: string): boolean {
  return /^-?\d{1,6}(?:\.\d{1,6})?$|^\d{4}-\d\d-\d\d(?:T[\d:.]{5,12}Z?)?$/.test(text);
}

/** A stand-in for prose of three words or more, which is never committed, even if the crash depends on it. */
function standInProse(text: string, source: string): string {
  return text.trim().split(/[\s+]+/).length > 2 ? standInText(text, source) : text;
}

type Replace = (text: string, source: string) => string;

/**
 * Captured values in the order in which a test of them is tried: with a stand-in for every text, and with stand-ins for
 * prose only, for crashes that depend on a text.
 */
export function anonymous<T>(given: T, replaced: (given: T, by: Replace) => T): T[] {
  const tried = [replaced(given, standInText), replaced(given, standInProse)];
  return tried.filter((one, i) => tried.findIndex((other) => JSON.stringify(other) === JSON.stringify(one)) === i);
}

/** The shape with its texts replaced. */
export function standInShape(shape: Shape, source: string, by: Replace): Shape {
  switch (shape.k) {
    case "lit":
      return typeof shape.v === "string" ? { k: "lit", v: by(shape.v, source) } : shape;
    case "arr":
      return { ...shape, items: shape.items.map((item) => standInShape(item, source, by)) };
    case "obj":
      return {
        ...shape,
        props: Object.fromEntries(
          Object.entries(shape.props).map(([name, value]) => [name, standInShape(value, source, by)]),
        ),
      };
    default:
      return shape;
  }
}

/** Headers whose value is a format and not a text. */
const FORMATS = /^(?:content-type|accept)$/i;

/** The request with stand-ins in its query, headers and body. Its path stays, because a router needs it, except
 * for parts that are encoded text. */
export function standInRequest(request: CapturedRequest, source: string, by: Replace): CapturedRequest {
  const replaced = (text: string) => by(text, source);
  const [path = "", query] = request.url.split("?", 2);
  // An encoded part of a path is a text, not a route.
  const ownPath = path.replace(/[^/]*%[^/]*/g, (part) => part.replace(/%[\dA-F]{2}/gi, "-").replace(/[a-z]/gi, "a"));
  const search = new URLSearchParams(query);
  const values = [...search].map(([name, value]): [string, string] => [name, replaced(value)]);
  return {
    ...request,
    url: query === undefined ? ownPath : `${ownPath}?${new URLSearchParams(values)}`,
    headers: Object.fromEntries(
      Object.entries(request.headers).map(([name, value]) => [name, FORMATS.test(name) ? value : replaced(value)]),
    ),
    ...(request.body !== undefined && { body: standInBody(request.body, replaced) }),
  };
}

function standInBody(body: string, replaced: (text: string) => string): string {
  const within = (value: unknown): unknown => {
    if (typeof value === "string") return replaced(value);
    if (Array.isArray(value)) return value.map(within);
    if (typeof value !== "object" || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, within(inner)]));
  };
  try {
    return JSON.stringify(within(JSON.parse(body)));
  } catch {
    return replaced(body);
  }
}
