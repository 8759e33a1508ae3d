/** A value that source code can express. The probe calls functions with it, and the test is rendered from it. */
export type Shape =
  | { k: "undef" }
  | { k: "lit"; v: string | number | boolean | null }
  | { k: "obj"; props: Record<string, Shape> }
  | { k: "arr"; items: Shape[] }
  | { k: "fn"; returns: Shape };

/** The shape of undefined: also used for what is not known yet. */
export const UNDEFINED: Shape = { k: "undef" };

export function literal(v: string | number | boolean | null): Shape {
  return { k: "lit", v };
}

export function object(props: Record<string, Shape> = {}): Shape {
  return { k: "obj", props };
}

/**
 * Steps from the list of roots down to a value: argument index, property name, item index. `()` is a function's return
 * value.
 */
export type Path = readonly string[];

/** One read of a value during a call, in order. */
export interface Look {
  path: Path;
  /** Whether the value was missing (undefined or null), or an empty list that was iterated. */
  empty: boolean;
}

/** The shape at a path; undefined where the path does not exist. */
export function at(shape: Shape, path: Path): Shape {
  const [step, ...rest] = path;
  if (step === undefined) return shape;
  return at(childOf(shape, step), rest);
}

function childOf(shape: Shape, step: string): Shape {
  if (shape.k === "obj") return Object.hasOwn(shape.props, step) ? (shape.props[step] ?? UNDEFINED) : UNDEFINED;
  if (shape.k === "arr") return shape.items[Number(step)] ?? UNDEFINED;
  return shape.k === "fn" && step === "()" ? shape.returns : UNDEFINED;
}

/** The shape with another value at the path; unchanged where the path does not fit. */
export function withAt(shape: Shape, path: Path, value: Shape): Shape {
  const [step, ...rest] = path;
  if (step === undefined) return value;
  const child = withAt(childOf(shape, step), rest, value);
  if (shape.k === "obj") return { k: "obj", props: { ...shape.props, [step]: child } };
  if (shape.k === "fn") return { k: "fn", returns: child };
  if (shape.k !== "arr" || !/^\d+$/.test(step) || Number(step) > shape.items.length) return shape;
  const items = [...shape.items];
  items[Number(step)] = child;
  return { k: "arr", items };
}

/** The shape without the value at the path. */
export function withoutAt(shape: Shape, path: Path): Shape {
  const [step, ...rest] = path;
  if (step === undefined) return UNDEFINED;
  if (rest.length > 0) {
    const child = childOf(shape, step);
    return child.k === "undef" ? shape : withAt(shape, [step], withoutAt(child, rest));
  }
  if (shape.k === "obj") {
    return { k: "obj", props: Object.fromEntries(Object.entries(shape.props).filter(([name]) => name !== step)) };
  }
  if (shape.k === "arr") return { k: "arr", items: shape.items.filter((_, i) => String(i) !== step) };
  return shape.k === "fn" ? { k: "fn", returns: UNDEFINED } : shape;
}

/** Every path in a shape, outer paths first. */
export function pathsIn(shape: Shape, from: Path = []): Path[] {
  const below =
    shape.k === "obj"
      ? Object.entries(shape.props)
      : shape.k === "arr"
        ? [...shape.items.entries()].map(([i, item]) => [String(i), item] as const)
        : shape.k === "fn"
          ? [["()", shape.returns] as const]
          : [];
  return below.flatMap(([step, child]) => [[...from, step], ...pathsIn(child, [...from, step])]);
}

/** The plain JavaScript value of a shape, as in a test. */
export function plainValue(shape: Shape): unknown {
  return made(shape, [], null);
}

/** The value behind proxies that record every read in `looks`. */
export function watchedValue(shape: Shape, path: Path, looks: Look[]): unknown {
  return made(shape, path, looks);
}

function made(shape: Shape, path: Path, looks: Look[] | null): unknown {
  switch (shape.k) {
    case "undef":
      return undefined;
    case "lit":
      return shape.v;
    case "obj": {
      const value: Record<string, unknown> = {};
      for (const [name, child] of Object.entries(shape.props)) {
        Object.defineProperty(value, name, {
          value: made(child, [...path, name], looks),
          enumerable: true,
          writable: true,
          configurable: true,
        });
      }
      return watched(value, path, looks);
    }
    case "arr":
      return watched(
        shape.items.map((item, i) => made(item, [...path, String(i)], looks)),
        path,
        looks,
      );
    case "fn": {
      const returns = made(shape.returns, [...path, "()"], looks);
      const fn = function returned() {
        looks?.push({ path: [...path, "()"], empty: isEmpty(returns) });
        return returns;
      };
      return watched(fn, path, looks);
    }
  }
}

function watched(value: object, path: Path, looks: Look[] | null): object {
  if (looks === null) return value;
  const look = (key: string | symbol, found: unknown) => {
    if (typeof key === "symbol") {
      if (key === Symbol.iterator && Array.isArray(value)) lookInto(value, path, looks);
      return;
    }
    if (Array.isArray(value) && !/^\d+$/.test(key)) lookInto(value, path, looks);
    else looks.push({ path: [...path, key], empty: isEmpty(found) });
  };
  return new Proxy(value, {
    get(target, key, receiver) {
      const found = Reflect.get(target, key, receiver);
      if (Object.hasOwn(target, key) || found === undefined) look(key, found);
      else if (Array.isArray(target)) look(key, found);
      return found;
    },
    has(target, key) {
      look(key, Reflect.get(target, key));
      return Reflect.has(target, key);
    },
  });
}

/** Records a missing item when an empty list is iterated: the list could have contained one. */
function lookInto(list: readonly unknown[], path: Path, looks: Look[]): void {
  if (list.length === 0) looks.push({ path: [...path, "0"], empty: true });
}

function isEmpty(value: unknown): boolean {
  return value === undefined || value === null;
}
