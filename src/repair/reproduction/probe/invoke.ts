import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Step } from "./functionPath.ts";
import type { Target, Wanted } from "./plan.ts";

const LATEST_MS = 300;

/** Loads a repository file as an ES module or a CommonJS module. */
export async function load(repo: string, file: string, module: Target["module"]): Promise<unknown> {
  const path = join(repo, file);
  return module === "cjs" ? createRequire(path)(path) : import(pathToFileURL(path).href);
}

/**
 * Follows the steps with the values, one per parameter. Calls `onPromise` for each awaited promise, and waits at most
 * LATEST_MS for it. Rethrows what the code throws.
 */
export async function follow(
  from: unknown,
  steps: readonly Step[],
  values: readonly unknown[],
  onPromise: () => void = () => undefined,
): Promise<unknown> {
  let value = from;
  let self: unknown;
  let used = 0;
  for (const step of steps) {
    if ("get" in step) {
      self = value;
      value = (value as Record<string, unknown>)[step.get];
      continue;
    }
    const count = "call" in step ? step.call : step.new;
    const args = values.slice(used, used + count);
    used += count;
    const fn = value as (...args: unknown[]) => unknown;
    value = "call" in step ? Reflect.apply(fn, self, args) : Reflect.construct(fn, args);
    self = undefined;
    if (typeof (value as PromiseLike<unknown> | null)?.then !== "function") continue;
    onPromise();
    value = await inTime(value as PromiseLike<unknown>);
  }
  return value;
}

async function inTime(promise: PromiseLike<unknown>): Promise<unknown> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise((resolve) => {
    timer = setTimeout(resolve, LATEST_MS);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

/**
 * How well a thrown value matches the wanted exception: type, message template, topmost frame; also checks up to 5
 * causes. The host checks the resulting test by a stricter rule.
 */
export function fitOf(thrown: unknown, wanted: Wanted, repo: string): "exact" | "near" | "other" {
  for (let error = thrown, depth = 0; error instanceof Error && depth < 5; error = error.cause, depth += 1) {
    if (!hasType(error, wanted.type) || template(error.message) !== template(wanted.message)) continue;
    const top = topFrame(String(error.stack), repo);
    if (top === null || top.file !== wanted.file) continue;
    if (wanted.function !== null && top.function !== null && top.function !== wanted.function) continue;
    return wanted.line === null || wanted.line === top.line ? "exact" : "near";
  }
  return "other";
}

function hasType(error: Error, type: string): boolean {
  return type === "Error" || error.name === type || error.constructor.name === type;
}

function template(message: string): string {
  return (message.split("\n")[0] ?? "")
    .replace(/\d+/g, "0")
    .replace(/"[^"]*"/g, '""')
    .trim();
}

function topFrame(stack: string, repo: string): { file: string; function: string | null; line: number } | null {
  for (const line of stack.split("\n")) {
    const match = /^\s*at (?:(.*) \()?(?:file:\/\/)?(\/.+):(\d+):\d+\)?$/.exec(line);
    const path = match?.[2]?.replace(/[?#].*$/, "");
    if (path === undefined || !path.startsWith(`${repo}/`) || path.includes("/node_modules/")) continue;
    const file = path.slice(repo.length + 1);
    if (file.startsWith(".selfheal-probe/")) return null;
    return { file, function: plainName(match?.[1]), line: Number(match?.[3]) };
  }
  return null;
}

function plainName(shown: string | undefined): string | null {
  const name = (shown ?? "")
    .replace(/ \[as [^\]]*\]$/, "")
    .replace(/^(?:async |new )+/, "")
    .split(".")
    .at(-1);
  return name === undefined || name === "" || /[<>\s]/.test(name) ? null : name;
}
