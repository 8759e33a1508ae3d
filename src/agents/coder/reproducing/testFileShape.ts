import type { SgNode } from "@ast-grep/napi";
import { faultsIn } from "../../../syntax/source.ts";

const REQUIRE = /^(?:const|let|var)\s+[\w$\s{},:]+=\s*require\(\s*(["'])([^"']+)\1\s*\);?$/;

/**
 * Whether a file has only imports and exactly one test of this title, so that nothing runs before or beside the test.
 */
export function isOneTest(root: SgNode, title: string): boolean {
  if (faultsIn(root) > 0) return false;
  const statements = root.children().filter((node) => node.kind() !== "comment");
  const tests = statements.filter((node) => node.kind() === "expression_statement");
  const others = statements.filter((node) => !tests.includes(node));
  const [only] = tests;
  return only !== undefined && tests.length === 1 && isTest(only, title) && others.every(isImport);
}

/** The modules that a file imports at its top level. */
export function importsOf(root: SgNode): string[] {
  return root.children().flatMap((node) => {
    const text = node.kind() === "import_statement" ? node.field("source")?.text().slice(1, -1) : undefined;
    const name = text ?? REQUIRE.exec(node.text())?.[2];
    return name === undefined ? [] : [name];
  });
}

function isTest(statement: SgNode, title: string): boolean {
  const call = statement.child(0);
  if (call === null || call.kind() !== "call_expression") return false;
  const word = call.field("function")?.text() ?? "";
  const given = (call.field("arguments")?.children() ?? []).filter(
    (node) => node.isNamed() && node.kind() !== "comment",
  );
  const [name, run] = given;
  const isFunction = run?.kind() === "arrow_function" || run?.kind() === "function_expression";
  return /^(?:it|test|t\.test)$/.test(word) && given.length === 2 && (name?.text() ?? "").includes(title) && isFunction;
}

function isImport(node: SgNode): boolean {
  return node.kind() === "import_statement" || REQUIRE.test(node.text());
}
