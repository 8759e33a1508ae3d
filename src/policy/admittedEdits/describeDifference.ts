import type { SgNode } from "@ast-grep/napi";
import type { Difference } from "./compareTrees.ts";

/** A difference in the words of a reviewer: which rule of the closed list it breaks. */
export function describeDifference({ before, after }: Difference): { rule: string; message: string } {
  if (after === null) return { rule: "removedCode", message: `\`${short(before)}\` is gone` };
  const news = namesOf(after).filter((name) => !namesOf(before).includes(name));
  const has = (kind: RegExp) => countOf(after, kind) > countOf(before, kind);
  if (has(/^import_|^import$|^import_from_statement$/))
    return { rule: "newImport", message: `\`${short(after)}\` is new` };
  if (has(/^call(?:_expression)?$|^new_expression$/))
    return { rule: "newCall", message: `\`${short(after)}\` calls what was not called here` };
  if (has(/^(?:assignment|augmented_assignment|update)/))
    return { rule: "newWrite", message: `\`${short(after)}\` writes what was not written here` };
  if (before === null) return { rule: "newStatement", message: `\`${short(after)}\` is new` };
  const gone = namesOf(before).filter((name) => !namesOf(after).includes(name));
  if (gone.length > 0 || after.text().length < before.text().length)
    return { rule: "removedCode", message: `\`${short(before)}\` becomes \`${short(after)}\`` };
  if (news.length === 0 || has(/comparison|binary_expression|boolean_operator/))
    return { rule: "changedCondition", message: `\`${short(before)}\` becomes \`${short(after)}\`` };
  return { rule: "changedCode", message: `\`${short(before)}\` becomes \`${short(after)}\`` };
}

function namesOf(node: SgNode | null): string[] {
  return node?.text().match(/[\p{L}_$][\p{L}\p{N}_$]*/gu) ?? [];
}

function countOf(node: SgNode | null, kind: RegExp): number {
  if (node === null) return 0;
  return (
    (kind.test(String(node.kind())) && node.isNamed() ? 1 : 0) +
    node.children().reduce((sum, child) => sum + countOf(child, kind), 0)
  );
}

function short(node: SgNode | null): string {
  const line = (node?.text() ?? "").replace(/\s+/g, " ");
  return line.length > 80 ? `${line.slice(0, 77)}…` : line;
}
