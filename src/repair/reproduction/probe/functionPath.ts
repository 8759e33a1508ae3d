/** A function of the source, in a form that identifies it at run time. */
export interface FunctionMark {
  name: string | null;
  /** Source text of the function. */
  text: string;
  /** Whether the running function has exactly this text. If a loader changed it, the name identifies it. */
  isVerbatim: boolean;
}

/** One step from a module to a function: read a property, call with n arguments, or construct with n arguments. */
export type Step = { get: string } | { call: number } | { new: number };

const MAX_DEPTH = 4;
const MAX_VISITED = 4000;

/** Whether a run-time value is the function of the mark. */
export function isFunctionOf(mark: FunctionMark, value: unknown): boolean {
  if (typeof value !== "function") return false;
  if (!mark.isVerbatim) return mark.name !== null && mark.name !== "default" && value.name === mark.name;
  const text = Function.prototype.toString.call(value);
  return text === mark.text || (text.length > 12 && mark.text.endsWith(text));
}

/**
 * The shortest path to the function through properties and class instances, breadth first. Only constructors are called
 * on the way. Limits: MAX_DEPTH levels, MAX_VISITED values. null when no path is found.
 */
export function pathToFunction(mark: FunctionMark, root: unknown): Step[] | null {
  const visited = new Set<unknown>();
  let level: { value: unknown; steps: Step[] }[] = [{ value: root, steps: [] }];
  for (let depth = 0; depth <= MAX_DEPTH && level.length > 0; depth += 1) {
    const next: typeof level = [];
    for (const { value, steps } of level) {
      if (isFunctionOf(mark, value)) return steps;
      if (visited.size > MAX_VISITED || visited.has(value) || !isOpen(value)) continue;
      visited.add(value);
      next.push(...below(value, steps));
    }
    level = next;
  }
  return null;
}

function isOpen(value: unknown): value is object {
  return (typeof value === "object" && value !== null) || typeof value === "function";
}

function below(value: object, steps: readonly Step[]): { value: unknown; steps: Step[] }[] {
  const found: { value: unknown; steps: Step[] }[] = [];
  for (const name of namesOf(value)) found.push({ value: read(value, name), steps: [...steps, { get: name }] });
  const made = typeof value === "function" ? read(value, "prototype") : undefined;
  if (typeof made === "object" && made !== null) {
    for (const name of namesOf(made)) {
      const own = Object.getOwnPropertyDescriptor(made, name);
      if (own?.value === undefined || name === "constructor") continue;
      const size = Math.min(typeof value === "function" ? value.length : 0, 4);
      found.push({ value: own.value, steps: [...steps, { new: size }, { get: name }] });
    }
  }
  return found;
}

function namesOf(value: object): string[] {
  const plain = ["length", "name", "prototype", "arguments", "caller"];
  return Object.getOwnPropertyNames(value).filter((name) => typeof value !== "function" || !plain.includes(name));
}

/** Reads a property. A getter that throws gives undefined. */
function read(value: object, name: string): unknown {
  try {
    return Reflect.get(value, name);
  } catch {
    return undefined;
  }
}
