import { dirname, join } from "node:path/posix";
import type { Plan } from "../../domain/plan.ts";
import type { Workspace } from "../../domain/ports/workspace.ts";

/** Limits of the search for callers: files that are read, and characters of each. */
const MAX_FILES = 2000;
const MAX_LENGTH = 400_000;
const SOURCE = /\.(?:[cm]?[jt]sx?|vue|svelte|py|exs?)$/;

/**
 * The files that a program finds from the frames: those on the stack, those that import one of them, and those that the
 * crashing file imports. A Plan may name others only with a person's approval.
 */
export async function filesInReach(
  workspace: Pick<Workspace, "read">,
  tracked: readonly string[],
  places: Plan["places"],
): Promise<ReadonlySet<string>> {
  const stack = new Set(places.map(({ file }) => file));
  const [top] = stack;
  const reach = new Set(stack);
  for (const file of tracked.filter((one) => SOURCE.test(one)).slice(0, MAX_FILES)) {
    const text = await workspace.read(file).catch(() => "");
    if (text.length > MAX_LENGTH) continue;
    const imported = importsOf(file, text, tracked);
    if (file === top) for (const one of imported) reach.add(one);
    else if (imported.some((one) => stack.has(one))) reach.add(file);
  }
  return reach;
}

/** The files of the repository that a file imports by a relative path, a Python module path or an Elixir module name. */
function importsOf(file: string, text: string, tracked: readonly string[]): string[] {
  const found = new Set<string>();
  for (const [, path = ""] of text.matchAll(/["'](\.{1,2}\/[^"'\n]{1,200})["']/g)) {
    const target = join(dirname(file), path);
    for (const one of tracked)
      if (one === target || stemOf(one) === stemOf(target) || stemOf(one) === `${target}/index`) found.add(one);
  }
  if (/\.py$/.test(file)) {
    for (const [, from = "", plain = ""] of text.matchAll(/^\s*(?:from\s+([\w.]+)\s+import|import\s+([\w.]+))/gm)) {
      const path = (from || plain).replace(/^\.+/, "").replaceAll(".", "/");
      for (const one of tracked) if (path !== "" && stemOf(one).endsWith(path)) found.add(one);
    }
  }
  if (/\.exs?$/.test(file)) {
    for (const [, name = ""] of text.matchAll(/\b(?:[A-Z]\w*\.)*([A-Z]\w*)\b/g)) {
      const path = name.replace(/(?<=[a-z\d])(?=[A-Z])/g, "_").toLowerCase();
      for (const one of tracked) if (/\.exs?$/.test(one) && stemOf(one).endsWith(`/${path}`)) found.add(one);
    }
  }
  return [...found];
}

function stemOf(path: string): string {
  return path.replace(/\.[^./]+$/, "");
}
