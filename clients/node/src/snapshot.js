import { types } from "node:util";

const MAX_VARIABLES = 40;
const MAX_PARTS = 50;
const MAX_TEXT = 1000;
const MAX_DEPTH = 6;
/** Characters of one variable, and of all of them. */
const ROOM = 3500;
const TOTAL = 24_000;
const LONGEST_MS = 20;
/** Whose content is in no property of its own. */
const OPAQUE = /^(?:Map|Set|Weak\w+|Promise|RegExp|Date|ArrayBuffer|SharedArrayBuffer|Buffer|DataView|\w+Array)$/;

/**
 * Local variables as JSON can hold them. Runs while the app stands still in the middle of something, so that none of its code may
 * run: no getter is called, and a Proxy is not touched.
 *
 * What JSON cannot hold, and what is too much, becomes a word in brackets or ends in "…": docs/reproductions.md reads them.
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

  /** @param {any} value */
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

  /** @param {any} value @returns {unknown} */
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

  /** @param {any} value @param {number} depth @param {any[]} above @returns {unknown} */
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

  /** @param {any[]} list @param {number} depth @param {any[]} above */
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

  /** @param {any} value @param {string} name @param {number} depth @param {any[]} above */
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
