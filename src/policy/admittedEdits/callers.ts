import { parseAny } from "../../syntax/grammars.ts";
import type { ChangedFile } from "./admission.ts";
import { compareTrees } from "./compareTrees.ts";
import { dialectOf } from "./dialects.ts";

/**
 * The names of the functions around the edits of a Patch. Files that mention them may call them, so `admit` must see
 * these files.
 */
export function editedFunctions(files: readonly ChangedFile[]): string[] {
  return unique(
    files.flatMap(({ path, before, after }) => {
      const dialect = dialectOf(path);
      const [old, now] = [parse(path, before), parse(path, after)];
      if (dialect === null || old === null || now === null) return [];
      const compared = compareTrees(old.root, now.root, dialect);
      if (compared.kind === "unexplained") return [];
      return compared.edits.flatMap((edit) => {
        const around = dialect.functionsAround(edit.after).map((fn) => dialect.calledName(fn));
        const passed = dialect.calleesIn(edit.after);
        return [...around, ...passed];
      });
    }),
  );
}

/** The names of the functions in a file from which one of `names` is called, or given away. */
export function callingFunctions(path: string, text: string, names: readonly string[]): string[] {
  const dialect = dialectOf(path);
  const source = parse(path, text);
  if (dialect === null || source === null) return [];
  return unique(
    names.flatMap((name) => {
      const { calls, mentions } = dialect.callsOf(source.root, name);
      const aliases = dialect.aliasesOf(source.root, name);
      return [
        ...aliases,
        ...[...calls, ...mentions].flatMap((node) => dialect.functionsAround(node).map((fn) => dialect.calledName(fn))),
      ];
    }),
  );
}

function parse(path: string, text: string | null) {
  return text === null ? null : parseAny(path, text);
}

function unique(names: readonly (string | null)[]): string[] {
  return [...new Set(names.filter((name) => name !== null && name !== ""))] as string[];
}
