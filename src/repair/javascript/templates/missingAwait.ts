import type { SgNode } from "@ast-grep/napi";
import { bare, findKinds, functionName, functionOf, isMember } from "../../../syntax/scriptNodes.ts";
import { spanOf } from "../../../syntax/source.ts";
import type { Candidate } from "../../candidate.ts";
import { candidate } from "../guardForms.ts";
import { insert, type RepairSite, type Template } from "../repairSite.ts";

/** Awaits the promise of an async function: `const rows = load()` → `const rows = await load()`. */
export const missingAwait: Template = (site) => {
  if (!/^(?:read|notFunction|notIterable|destructure)$/.test(site.crash.kind) || site.depth > 0) return [];
  const call = promiseOf(site);
  if (call === null || call.parent()?.kind() === "await_expression") return [];
  const fn = functionOf(call);
  const canAwait = fn === null ? /^(?:import|export) /m.test(site.source.text) : /^(?:static )?async\b/.test(fn.text());
  if (!canAwait || !isAsync(site, call)) return [];
  return [awaited(site, call)];
};

function awaited(site: RepairSite, call: SgNode): Candidate {
  const span = spanOf(call);
  const inChain = isMember(call.parent() ?? call);
  const edits = inChain
    ? [insert(site, span.start, "(await "), insert(site, span.end, ")")]
    : [insert(site, span.start, "await ")];
  return candidate({ family: "missingAwait" }, "", edits, {
    explanation: `${call.field("function")?.text() ?? "the call"} is async: its result has to be awaited`,
    score: 91,
    effect: "awaited",
  });
}

/**
 * The call whose result the code takes for a plain value: the crashing expression itself, or the variable's initial
 * value.
 */
function promiseOf(site: RepairSite): SgNode | null {
  const subject = bare(site.subject);
  const object = subject.kind() === "member_expression" ? bare(subject.field("object") ?? subject) : subject;
  if (object.kind() === "call_expression") return object;
  if (object.kind() !== "identifier") return null;
  const fn = functionOf(site.node);
  const declarators = findKinds(fn ?? site.source.root, "variable_declarator").filter(
    (d) => d.field("name")?.text() === object.text(),
  );
  const value = declarators.at(-1)?.field("value") ?? null;
  return value?.kind() === "call_expression" ? value : null;
}

/**
 * Whether an async function of this name is in the file, or the name is `fetch`, `import`, `readFile` or `writeFile`.
 */
function isAsync(site: RepairSite, call: SgNode): boolean {
  const callee = call.field("function");
  const name = callee?.field("property")?.text() ?? callee?.text() ?? "";
  if (name === "fetch" || /^(?:import|readFile|writeFile)$/.test(name)) return true;
  const functions = findKinds(
    site.source.root,
    "function_declaration",
    "arrow_function",
    "function_expression",
    "method_definition",
  );
  return functions.some((f) => functionName(f) === name && /^(?:static )?async\b/.test(f.text()));
}
