import type { SgNode } from "@ast-grep/napi";

/** Comments that a tool, a compiler or an interpreter obeys. */
const DIRECTIVE =
  /@ts-|@jsx|@flow|@noflow|eslint|biome|prettier|istanbul|\bc8\b|\bv8\b|webpack|@vite|turbopack|#__|@__|sourceMappingURL|sourceURL|@license|@preserve|\bnoqa\b|type:|pragma|coding[:=]|pylint|pyright|mypy|\bfmt:|isort|nosec|credo|dialyzer|sobelow|^#!|^\s*#\[|<reference|globals?\b.*:|use strict|standard\b|jshint|tslint|deno-|nosemgrep|semgrep|gitleaks|secretlint|codeql|lgtm/i;

/** Whether a text is nothing but sentences: no tool reads a test, an option or a grammar out of it. */
export function isPlainProse(text: string): boolean {
  const inner = text.replace(/^(?:"""|'''|"|')|(?:"""|'''|"|')$/g, "");
  return (
    inner.length <= 600 && /^[\p{L}\p{N}\s.,;:?!'`()/-]*$/u.test(inner) && !/\busage\s*:|\{|\}|>>>|--/i.test(inner)
  );
}

/** The comments of a tree as they are written. */
export function commentsIn(root: SgNode, isComment: (node: SgNode) => boolean): string[] {
  const found: string[] = [];
  const walk = (node: SgNode) => {
    if (isComment(node)) found.push(node.text());
    else for (const child of node.children()) walk(child);
  };
  walk(root);
  return found;
}

/** A comment that is a directive and was added, removed or changed; null: none. */
export function changedDirective(before: readonly string[], after: readonly string[]): string | null {
  const [old, now] = [new Set(before), new Set(after)];
  const changed = [...after.filter((text) => !old.has(text)), ...before.filter((text) => !now.has(text))];
  return changed.find((text) => DIRECTIVE.test(text)) ?? null;
}
