import { types } from "node:util";

const MAX_VARIABLES = 40;
const MAX_PARTS = 50;
const MAX_TEXT = 1000;
const MAX_DEPTH = 6;
/** The most characters of one variable (ROOM), and of all variables (TOTAL). */
const ROOM = 3500;
const TOTAL = 24_000;
const LONGEST_MS = 20;
/** Classes whose content is not in properties of the object. */
const OPAQUE = /^(?:Map|Set|Weak\w+|Promise|RegExp|Date|ArrayBuffer|SharedArrayBuffer|Buffer|DataView|\w+Array)$/;

/**
 * Copies local variables as JSON values. It runs while the app is paused at any point, so it must run no code of the
 * app: it calls no getter, and does not touch a Proxy.
 *
 * A value that JSON cannot represent, or that exceeds a limit, becomes a word in brackets or ends in "…";
 * docs/reproductions.md describes how these are read.
 * @param {Record<string, unknown>[]} scopes One object of names and values for each scope.
 * @returns {Record<string, unknown>[]}
 */
export function snapshot(...scopes) {
  const endsAt = performance.now() + LONGEST_MS;
  let total = TOTAL;
  let room = 0;

  const spend = (/** @type {number} */ characters) => {
    room -= characters;
    total -= characters;
  };
  const isOver = () => room <= 0 || total <= 0 || performance.now() > endsAt;

  /** @param {object} value */
  const classOf = (value) => {
    const prototype = Object.getPrototypeOf(value);
    if (prototype === null || types.isProxy(prototype)) return "Object";
    const made = Object.getOwnPropertyDescriptor(prototype, "constructor")?.value;
    const name =
      typeof made === "function" && !types.isProxy(made)
        ? Object.getOwnPropertyDescriptor(made, "name")?.value
        : undefined;
    return typeof name === "string" && /^[A-Z][\w$]{0,60}$/.test(name) ? name : "Object";
  };

  /** @param {unknown} value @returns {unknown} */
  const plain = (value) => {
    if (value === null || typeof value === "boolean") return value;
    if (value === undefined) return "<undefined>";
    if (typeof value === "number")
      return Number.isFinite(value) ? value : `[${String(value).replace("-", "Negative")}]`;
    if (typeof value === "string") {
      const text = value.length > MAX_TEXT ? `${value.slice(0, MAX_TEXT)}…` : value;
      spend(text.length);
      return text;
    }
    if (typeof value === "bigint") return "[BigInt]";
    if (typeof value === "symbol") return "[Symbol]";
    return typeof value === "function" ? "[Function]" : null;
  };

  /** @param {unknown} value @param {number} depth @param {object[]} above @returns {unknown} */
  const read = (value, depth, above) => {
    spend(4);
    if (typeof value !== "object" || value === null) return plain(value);
    if (types.isProxy(value)) return "[Proxy]";
    if (above.includes(value)) return "[Circular]";
    if (Array.isArray(value)) {
      if (depth >= MAX_DEPTH || isOver()) return `[Array(${value.length})]`;
      return readList(value, depth, above);
    }
    const name = classOf(value);
    if (depth >= MAX_DEPTH || isOver()) return `[${name}]`;
    if (OPAQUE.test(name)) return `[${name}]`;
    return readObject(value, name, depth, above);
  };

  /** @param {unknown[]} list @param {number} depth @param {object[]} above */
  const readList = (list, depth, above) => {
    const items = [];
    for (let i = 0; i < list.length; i++) {
      if (i >= MAX_PARTS || isOver()) {
        items[i] = `${list.length - i} more…`;
        break;
      }
      const item = Object.getOwnPropertyDescriptor(list, i);
      items[i] = item !== undefined && !("value" in item) ? "[Getter]" : read(item?.value, depth + 1, [...above, list]);
    }
    return items;
  };

  /** @param {object} value @param {string} name @param {number} depth @param {object[]} above */
  const readObject = (value, name, depth, above) => {
    /** @type {Record<string, unknown>} */
    const parts = {};
    if (name !== "Object") parts["<class>"] = name;
    let count = 0;
    for (const key of Object.keys(value)) {
      count += 1;
      if (count > MAX_PARTS || isOver()) {
        parts["…"] = "more…";
        break;
      }
      spend(key.length);
      const part = Object.getOwnPropertyDescriptor(value, key);
      if (key === "__proto__" || part === undefined) continue;
      parts[key] = "value" in part ? read(part.value, depth + 1, [...above, value]) : "[Getter]";
    }
    return parts;
  };

  return scopes.map((scope) => {
    /** @type {Record<string, unknown>} */
    const variables = {};
    for (const name of Object.keys(scope).slice(0, MAX_VARIABLES)) {
      room = ROOM;
      if (name !== "this" && name !== "arguments" && name !== "__proto__") variables[name] = read(scope[name], 0, []);
    }
    return variables;
  });
}
