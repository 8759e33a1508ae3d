import type { Conventions } from "./conventions.ts";
import type { Shape } from "./probe/shape.ts";

type Style = Pick<Conventions["style"], "quote">;

/** A shape as source code, on one line. */
export function shapeSource(shape: Shape, style: Style): string {
  switch (shape.k) {
    case "undef":
      return "undefined";
    case "lit":
      return typeof shape.v === "string" ? quoted(shape.v, style.quote) : String(shape.v);
    case "arr":
      return `[${shape.items.map((item) => shapeSource(item, style)).join(", ")}]`;
    case "obj": {
      const props = Object.entries(shape.props).map(([name, value]) => property(name, value, style));
      return props.length === 0 ? "{}" : `{ ${props.join(", ")} }`;
    }
    case "fn": {
      if (shape.returns.k === "undef") return "() => {}";
      const returns = shapeSource(shape.returns, style);
      return shape.returns.k === "obj" ? `() => (${returns})` : `() => ${returns}`;
    }
  }
}

const WIDTH = 88;

/** A shape as source code, on several lines if one would be too long. `indent` is the indentation of the first line. */
export function wrapped(shape: Shape, style: Pick<Conventions["style"], "quote" | "indent">, indent: string): string {
  const line = shapeSource(shape, style);
  if (line.length + indent.length <= WIDTH || (shape.k !== "obj" && shape.k !== "arr")) return line;
  const inner = indent + style.indent;
  const parts =
    shape.k === "arr"
      ? shape.items.map((item) => wrapped(item, style, inner))
      : Object.entries(shape.props).map(([name, value]) =>
          value.k === "fn" ? property(name, value, style) : `${keyOf(name, style)}: ${wrapped(value, style, inner)}`,
        );
  const [open, close] = shape.k === "arr" ? "[]" : "{}";
  return `${open}\n${parts.map((part) => `${inner}${part},\n`).join("")}${indent}${close}`;
}

function keyOf(name: string, style: Style): string {
  return /^[A-Za-z_$][\w$]*$/.test(name) ? name : quoted(name, style.quote);
}

function property(name: string, value: Shape, style: Style): string {
  const key = keyOf(name, style);
  return value.k === "fn" && value.returns.k === "undef" && key === name
    ? `${name}() {}`
    : `${key}: ${shapeSource(value, style)}`;
}

/** A text in the file's quotes. Invisible characters are written as escapes. */
export function quoted(text: string, quote: string): string {
  const inner = JSON.stringify(text)
    .slice(1, -1)
    .replace(
      /[\u007f-\u00a0\u00ad\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g,
      (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, "0")}`,
    );
  return quote === '"' ? `"${inner}"` : `'${inner.replaceAll('\\"', '"').replaceAll("'", "\\'")}'`;
}

/** A parsed JSON value as a shape. */
export function shapeOfJson(value: unknown): Shape {
  if (Array.isArray(value)) return { k: "arr", items: value.map(shapeOfJson) };
  if (typeof value === "object" && value !== null) {
    return { k: "obj", props: Object.fromEntries(Object.entries(value).map(([k, v]) => [k, shapeOfJson(v)])) };
  }
  return { k: "lit", v: value as string | number | boolean | null };
}
