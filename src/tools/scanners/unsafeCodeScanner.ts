import { extname } from "node:path";
import { parse, type SgNode } from "@ast-grep/napi";
import type { Scanner } from "../../domain/ports/scanner.ts";
import { scriptLanguageOf } from "../../domain/scriptLanguage.ts";
import { type Hit, newHits } from "./newHits.ts";
import { CODE_RULES, GUARD_NAME } from "./unsafeCodeRules.ts";

/** Files that hold no code, and those that the admitted edits judge. Everything else that no rule can read is for a person. */
const NO_CODE = /(?:^|\/)(?:LICENSE|README|CHANGELOG)[^/]*$|\.(?:md|txt|json|lock|css|svg|csv|snap|py|exs?)$/i;

/**
 * Finds code that a patch adds and that runs text or processes, uses the network, reads the environment, writes files,
 * or opens an access check.
 */
export function createUnsafeCodeScanner(): Scanner {
  return { name: "unsafeCode", scan: (change) => newHits(change, unsafeIn) };
}

function unsafeIn(path: string, content: string): Hit[] {
  if (content === "") return [];
  const language = scriptLanguageOf(path);
  if (language === undefined) return NO_CODE.test(path) ? [] : [unread(path, content)];
  const root = parse(language, content).root();
  const hits = CODE_RULES.flatMap(({ id, weight, message, rule }) =>
    root.findAll({ rule }).map((node): Hit => ({ rule: id, weight, message, line: lineOf(node), text: node.text() })),
  );
  return [...hits, ...openedGuards(root)];
}

/** The rules cover JavaScript and TypeScript only. A file they cannot read never counts as clean. */
function unread(path: string, content: string): Hit {
  const message = `no rule reads ${extname(path) || "this kind of"} files`;
  return { rule: "unreadLanguage", weight: "soft", line: 0, message, text: content };
}

/** `return true` in a function that decides about access. */
function openedGuards(root: SgNode): Hit[] {
  const returns = root.findAll({
    rule: { kind: "return_statement", regex: "^return\\s*\\(?\\s*(?:true|!0|1)\\s*\\)?;?$" },
  });
  const arrows = root.findAll({ rule: { kind: "arrow_function", has: { field: "body", regex: "^(?:true|!0)$" } } });
  return [...returns, ...arrows].flatMap((node) => {
    const name = guardAround(node);
    if (name === null) return [];
    const message = `${name} lets everything through here`;
    return [{ rule: "openedGuard", weight: "soft", line: lineOf(node), message, text: name }];
  });
}

function guardAround(node: SgNode): string | null {
  for (const around of [node, ...node.ancestors()]) {
    const name = (around.field("name") ?? around.field("key") ?? around.field("left"))?.text().split(".").at(-1);
    if (name !== undefined && GUARD_NAME.test(name)) return name;
  }
  return null;
}

function lineOf(node: SgNode): number {
  return node.range().start.line + 1;
}
