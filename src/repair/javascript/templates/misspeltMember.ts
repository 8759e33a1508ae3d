import type { SgNode } from "@ast-grep/napi";
import { bare, findKinds, isMember } from "../../../syntax/scriptNodes.ts";
import type { Candidate } from "../../candidate.ts";
import { candidate } from "../guardForms.ts";
import { type RepairSite, type Repository, replace, type Template } from "../repairSite.ts";
import { nearest, occurrences } from "../visibleNames.ts";

const BUILT_IN = [
  "map",
  "forEach",
  "filter",
  "reduce",
  "some",
  "every",
  "find",
  "findIndex",
  "includes",
  "indexOf",
  "slice",
  "splice",
  "concat",
  "join",
  "push",
  "pop",
  "shift",
  "unshift",
  "sort",
  "reverse",
  "flatMap",
  "length",
  "trim",
  "split",
  "replace",
  "toLowerCase",
  "toUpperCase",
  "startsWith",
  "endsWith",
  "charAt",
  "substring",
  "toString",
  "padStart",
  "padEnd",
  "match",
  "toFixed",
  "hasOwnProperty",
  "getTime",
  "toISOString",
  "then",
  "catch",
  "finally",
  "keys",
  "values",
  "entries",
  "add",
  "delete",
  "has",
  "get",
  "set",
  "clear",
  "apply",
  "call",
  "bind",
];

/**
 * Replaces a member that is defined nowhere with a similarly spelt one that exists: `user.adress.city`,
 * `list.foreach(…)`.
 */
export const misspeltMember: Template = async (site, repository) => {
  if (site.depth > 0) return [];
  const suspects = suspectsOf(site);
  const out: Candidate[] = [];
  for (const member of suspects) {
    const property = member.field("property");
    if (property === null) continue;
    const known = knownMembers(site, member);
    const near = nearest(property.text(), known);
    if (near === null || near.distance > Math.max(1, property.text().length / 3)) continue;
    if (await isDefined(property.text(), site, repository)) continue;
    const score = 90 - 3 * near.distance;
    out.push(
      candidate({ family: "misspeltMember" }, "", [replace(site, property, near.name)], {
        explanation: `"${property.text()}" is defined nowhere; "${near.name}" is`,
        score,
        effect: `member:${near.name}`,
      }),
    );
  }
  return out;
};

/** Members that could be misspelt: the one whose value is missing, or the one that was called. */
function suspectsOf(site: RepairSite): SgNode[] {
  const subject = bare(site.subject);
  if (!/^(?:read|write|notFunction|notIterable|nullToObject|notConstructor)$/.test(site.crash.kind)) return [];
  if (subject.kind() === "member_expression") return [subject];
  if (subject.kind() === "call_expression") {
    const fn = subject.field("function");
    return fn !== null && isMember(fn) && fn.kind() === "member_expression" ? [fn] : [];
  }
  return [];
}

/**
 * Members used on the same object in the file, members defined in the file and, for a call, common built-in methods.
 */
function knownMembers(site: RepairSite, member: SgNode): Set<string> {
  const known = new Set<string>(site.crash.kind === "notFunction" ? BUILT_IN : []);
  const object = member.field("object")?.text() ?? "";
  const wrong = member.field("property")?.text() ?? "";
  for (const other of findKinds(site.source.root, "member_expression")) {
    if (other.field("object")?.text() === object) known.add(other.field("property")?.text() ?? "");
  }
  for (const key of findKinds(site.source.root, "pair", "method_definition", "shorthand_property_identifier")) {
    known.add((key.field("key") ?? key.field("name") ?? key).text());
  }
  known.delete(wrong);
  return known;
}

/**
 * Whether the name is defined as an object key, method or assignment, is used more than twice here, or is used in a
 * nearby file.
 */
async function isDefined(name: string, site: RepairSite, repository: Repository): Promise<boolean> {
  if (occurrences(site.source.text, name) > 2) return true;
  const definition = new RegExp(
    `(?:\\.|['"\\s{,(]|^)${name.replaceAll("$", "\\$")}['"]?\\s*(?::|=[^=>]|\\(\\)? *\\{|\\([^)]*\\) *\\{)`,
    "m",
  );
  if (definition.test(site.source.text)) return true;
  const folder = site.source.path.slice(0, site.source.path.lastIndexOf("/") + 1);
  const near = repository.files
    .filter((f) => f !== site.source.path && f.startsWith(folder) && /\.[cm]?[jt]sx?$/.test(f))
    .slice(0, 60);
  for (const file of near) {
    const text = await repository.text(file);
    if (text.includes(name) && occurrences(text, name) > 0) return true;
  }
  return false;
}
