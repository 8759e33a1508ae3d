import {
  at,
  type Look,
  literal,
  object,
  type Path,
  pathsIn,
  type Shape,
  UNDEFINED,
  withAt,
  withoutAt,
} from "./shape.ts";

/**
 * The outcome of one run. exact: the wanted exception at the wanted line; near: in the wanted function, but at another
 * line; other: another exception; returned: no exception.
 */
export interface Outcome {
  kind: "exact" | "near" | "other" | "returned";
  /** The message of what was thrown; "" when nothing was. */
  message: string;
  /** The members that the code read from the values, in order. */
  looks: readonly Look[];
}

/** What to search for, and how to run one attempt. */
export interface Search {
  /** Known argument values; unknown ones are undefined. */
  roots: readonly Shape[];
  /** What the function expects as arguments; undefined where the code does not show it. */
  typical: readonly Shape[];
  /** Calls the function once with these arguments. */
  run(roots: readonly Shape[]): Promise<Outcome>;
  /** Literals that the code compares with, by the name of what is compared; "" for all of them. */
  literals: Readonly<Record<string, readonly (string | number | boolean | null)[]>>;
  /** Whether the time for the search is over. */
  isOver(): boolean;
}

/** The arguments found, reduced to what the exception and the code after it need. */
export interface Found {
  roots: readonly Shape[];
  kind: "exact" | "near";
  /** How many runs were needed. 1: the known values were enough. */
  runs: number;
}

interface State {
  roots: Shape;
  cost: number;
}

const MAX_RUNS = 6000;
const MAX_WAITING = 4000;
/** How many of the latest reads get another value tried. */
const RECENT = 14;

/**
 * Searches for arguments that make the wanted exception happen. A best-first search: it gives the values that the code
 * read last a value that fits their use, cheapest change first. Reads and error messages guide it. It uses no
 * randomness. Limits: MAX_RUNS runs, MAX_WAITING queued states. null when nothing was found.
 */
export async function search(options: Search): Promise<Found | null> {
  const start: Shape = { k: "arr", items: [...options.roots] };
  const usual: Shape = {
    k: "arr",
    items: options.roots.map((root, i) => (root.k === "undef" ? (options.typical[i] ?? root) : root)),
  };
  const waiting: State[] = [
    { roots: start, cost: 0 },
    { roots: usual, cost: 0.1 },
  ];
  const known = new Set<string>(waiting.map(({ roots }) => keyOf(roots)));
  const seen = new Set<string>();
  let near: Found | null = null;
  for (let runs = 1; runs <= MAX_RUNS && waiting.length > 0 && !options.isOver(); runs += 1) {
    const state = waiting.shift();
    if (state === undefined) break;
    const outcome = await options.run(itemsOf(state.roots));
    if (outcome.kind === "exact") return { roots: await fitted(options, state.roots, "exact"), kind: "exact", runs };
    if (outcome.kind === "near") near ??= { roots: itemsOf(state.roots), kind: "near", runs };
    const isNew = noteNew(seen, outcome);
    for (const next of nextOf(state, outcome, options, isNew)) {
      const key = keyOf(next.roots);
      if (known.has(key)) continue;
      known.add(key);
      insert(waiting, next);
    }
  }
  if (near === null) return null;
  return { ...near, roots: await fitted(options, { k: "arr", items: [...near.roots] }, "near") };
}

/**
 * Removes what the exception does not need, then adds values that the code after the crash will need once it is
 * repaired.
 */
async function fitted(options: Search, from: Shape, kind: "exact" | "near"): Promise<Shape[]> {
  let roots: Shape = { k: "arr", items: await smaller(options, from, kind) };
  const typical: Shape = { k: "arr", items: [...options.typical] };
  for (const path of pathsIn(typical)) {
    const whole = at(typical, path);
    const above = at(roots, path.slice(0, -1));
    if (options.isOver() || at(roots, path).k !== "undef" || whole.k === "undef" || above.k === "undef") continue;
    const more = withAt(roots, path, whole.k === "obj" ? object() : whole);
    if ((await options.run(itemsOf(more))).kind === kind) roots = more;
  }
  return itemsOf(roots);
}

/** Removes the parts of the arguments that the exception does not need. */
async function smaller(options: Search, from: Shape, kind: "exact" | "near"): Promise<Shape[]> {
  let roots = from;
  for (const path of pathsIn(from)) {
    if (options.isOver()) break;
    const without = path.length === 1 ? withAt(roots, path, UNDEFINED) : withoutAt(roots, path);
    if (keyOf(without) === keyOf(roots)) continue;
    const outcome = await options.run(itemsOf(without));
    if (outcome.kind === kind) roots = without;
  }
  return itemsOf(roots);
}

function noteNew(seen: Set<string>, { looks, message }: Outcome): boolean {
  const before = seen.size;
  for (const { path } of looks) seen.add(path.join("."));
  seen.add(`! ${message}`);
  return seen.size > before;
}

function insert(waiting: State[], state: State): void {
  let i = waiting.length;
  while (i > 0 && (waiting[i - 1]?.cost ?? 0) > state.cost) i -= 1;
  waiting.splice(i, 0, state);
  if (waiting.length > MAX_WAITING) waiting.pop();
}

function nextOf(state: State, outcome: Outcome, options: Search, isNew: boolean): State[] {
  const base = state.cost + (isNew ? 0.2 : 1);
  const next: State[] = [];
  const put = (path: Path, values: readonly Shape[], cost: number) => {
    for (const [i, value] of values.entries())
      next.push({ roots: withAt(state.roots, path, value), cost: base + cost + i * 0.3 });
  };
  const add = (path: Path, values: readonly Shape[], cost: number) => {
    const last = path.at(-1) ?? "";
    const owner = at(state.roots, path.slice(0, -1));
    // Only lists and texts have such members. The owner becomes a list or text instead of getting the member.
    if (owner.k === "obj" && (OF_LISTS.has(last) || OF_TEXTS.has(last))) put(path.slice(0, -1), fitting(last), cost);
    else put(path, values, cost);
  };
  const missing = missingMember(outcome.message);
  const empties = recentOf(outcome.looks.filter((look) => look.empty));
  const bare = itemsOf(state.roots).flatMap((root, i) => (root.k === "undef" ? [[String(i)]] : []));
  if (missing !== null) {
    for (const [i, path] of [...empties.slice(0, 3), ...bare].entries()) add(path, fitting(missing), i * 0.4);
  }
  for (const [i, path] of [...recentOf(outcome.looks), ...bare].entries()) {
    const values = alternatives(at(state.roots, path), path.at(-1) ?? "", options.literals);
    add(path, values, 0.6 + i * 0.15);
  }
  return next;
}

/** The paths read last, each once, newest first, at most RECENT. */
function recentOf(looks: readonly Look[]): Path[] {
  const paths = new Map<string, Path>();
  for (const { path } of looks.slice(-200).toReversed()) {
    if (paths.size >= RECENT) break;
    paths.set(path.join("."), path);
  }
  return [...paths.values()];
}

/**
 * What the code wanted from a missing value: a member, `()` for a call, `0` for an item, "" for any member. null for
 * messages about something else.
 */
function missingMember(message: string): string | null {
  const read = /(?:reading|setting) '(.+?)'|Cannot destructure property '(.+?)'|Cannot read property '(.+?)' of/.exec(
    message,
  );
  if (read !== null) return read[1] ?? read[2] ?? read[3] ?? null;
  if (/is not a function/.test(message)) return "()";
  if (/is not iterable|Spread syntax/.test(message)) return "0";
  return /undefined or null|of (?:undefined|null)|must be of type object|is (?:undefined|null)/.test(message)
    ? ""
    : null;
}

const OF_LISTS = new Set(
  "map forEach filter some every find findIndex findLast findLastIndex reduce reduceRight flatMap push concat join includes indexOf slice length sort splice pop shift reverse 0".split(
    " ",
  ),
);
const OF_TEXTS = new Set(
  "trim split toLowerCase toUpperCase startsWith endsWith replace replaceAll match charAt charCodeAt substring substr slice includes indexOf length padStart test".split(
    " ",
  ),
);

/** Shapes that have the member. `()` means that the value is called. */
export function fitting(member: string): Shape[] {
  if (member === "()")
    return [
      { k: "fn", returns: UNDEFINED },
      { k: "fn", returns: object() },
    ];
  const values: Shape[] = [];
  if (OF_LISTS.has(member)) values.push({ k: "arr", items: [] }, { k: "arr", items: [object()] });
  if (OF_TEXTS.has(member)) values.push(literal(""), literal("a"));
  if (/^to(?:Fixed|Precision)$/.test(member)) values.push(literal(1));
  return values.length > 0 ? values : [object()];
}

function alternatives(current: Shape, name: string, literals: Search["literals"]): Shape[] {
  const own = (literals[name] ?? []).map(literal);
  switch (current.k) {
    case "undef":
      return [
        object(),
        ...own,
        literal(null),
        { k: "arr", items: [] },
        { k: "arr", items: [object()] },
        { k: "fn", returns: UNDEFINED },
        literal(""),
        literal(1),
        literal(true),
        literal("a"),
        ...(own.length > 0 ? [] : (literals[""] ?? []).slice(0, 8).map(literal)),
      ];
    case "lit":
      return [UNDEFINED, ...own, literal(null), object(), literal(0), literal("a")];
    case "obj":
      return [literal(null), literal(1), { k: "arr", items: [] }];
    case "arr":
      return current.items.length === 0 ? [{ k: "arr", items: [object()] }, literal(null)] : [{ k: "arr", items: [] }];
    case "fn":
      return [UNDEFINED];
  }
}

function itemsOf(roots: Shape): Shape[] {
  return roots.k === "arr" ? roots.items : [];
}

function keyOf(shape: Shape): string {
  return JSON.stringify(shape);
}
