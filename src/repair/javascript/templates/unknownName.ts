import { chainOf, findKinds } from "../../../syntax/scriptNodes.ts";
import { spanOf } from "../../../syntax/source.ts";
import type { Candidate } from "../../candidate.ts";
import { candidate, guardForms } from "../guardForms.ts";
import { insert, type RepairSite, replace, type Template } from "../repairSite.ts";
import { valueUseOf } from "../valueUse.ts";
import { namesInScope, nearest } from "../visibleNames.ts";

/** Names that exist in some runtimes only. A missing one is not taken for a typo. */
const GLOBALS =
  /^(?:window|document|navigator|location|self|global|globalThis|process|Buffer|caches|localStorage|sessionStorage|fetch|crypto|performance|Deno|Bun|Intl|indexedDB|WebSocket|Worker|Request|Response|Headers|FormData|Blob|File|structuredClone|AbortController|URL|URLSearchParams|TextEncoder|TextDecoder|ReadableStream|WeakRef|requestAnimationFrame|setImmediate|queueMicrotask|matchMedia|CustomEvent|Event|HTMLElement|XMLHttpRequest|EventSource|MutationObserver|require|module|exports|__dirname|__filename)$/;

/** "x is not defined": corrects the name, adds a missing declaration, or guards for a runtime that lacks the name. */
export const unknownName: Template = (site) => {
  if (site.crash.kind !== "notDefined" || site.depth > 0) return [];
  const name = site.crash.name;
  return [...misspelt(site, name), ...undeclared(site, name), ...(GLOBALS.test(name) ? absent(site, name) : [])];
};

function misspelt(site: RepairSite, name: string): Candidate[] {
  if (GLOBALS.test(name)) return [];
  const near = nearest(name, namesInScope(site.node));
  if (near === null) return [];
  const same = findKinds(site.source.root, "identifier").filter((n) => n.text() === name);
  const edits = (same.length > 0 ? same : [site.node]).map((n) => replace(site, n, near.name));
  return [
    candidate(
      { family: "misspeltName" },
      "",
      site.node.kind() === "shorthand_property_identifier"
        ? [replace(site, site.node, `${name}: ${near.name}`)]
        : edits,
      {
        explanation: `"${name}" is declared nowhere; "${near.name}" is in scope`,
        score: 91 - 3 * near.distance,
        effect: `name:${near.name}`,
      },
    ),
  ];
}

/** Declares an assignment target or loop variable that strict mode rejects without a declaration. */
function undeclared(site: RepairSite, name: string): Candidate[] {
  const parent = site.node.parent();
  const loop = parent?.kind() === "for_in_statement" && parent.field("left")?.id() === site.node.id();
  const first = parent?.kind() === "assignment_expression" && parent.field("left")?.id() === site.node.id();
  const holder = parent?.parent()?.kind();
  if (!loop && !(first && (holder === "expression_statement" || holder === "for_statement"))) return [];
  const word = site.style.blockScoped ? (loop ? "const" : "let") : "var";
  return [
    candidate({ family: "declareName" }, "", [insert(site, spanOf(site.node).start, `${word} `)], {
      explanation: `${name} is declared where it is first used`,
      score: 88,
      effect: `declares ${name}`,
    }),
  ];
}

function absent(site: RepairSite, name: string): Candidate[] {
  const q = site.style.quote;
  const guard = {
    family: "globalGuard",
    yes: `typeof ${name} !== ${q}undefined${q}`,
    no: `typeof ${name} === ${q}undefined${q}`,
    words: `the runtime has ${name}`,
  };
  const chain = chainOf(site.node);
  return guardForms(site, chain, valueUseOf(chain), guard).map((c) => ({ ...c, score: c.score + 2 }));
}
