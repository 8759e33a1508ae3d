import { findKinds, statementOf } from "../../../syntax/scriptNodes.ts";
import type { Candidate } from "../../candidate.ts";
import { candidate } from "../guardForms.ts";
import { exportsOf, moduleNames } from "../modules.ts";
import { type RepairSite, type Repository, replace, type Template } from "../repairSite.ts";
import { namesInScope, nearest } from "../visibleNames.ts";

/**
 * The crashing statement reads a member that a module of this repository does not export. Another imported module
 * exports it (`utils.hasEnv` → `platform.hasEnv`), or the module itself exports a similarly spelt name.
 */
export const wrongOwner: Template = async (site, repository) => {
  if (site.depth > 1) return [];
  const statement = statementOf(site.node);
  if (statement === null) return [];
  const modules = moduleNames(site.source, repository);
  const scope = namesInScope(site.node);
  const out: Candidate[] = [];
  for (const member of findKinds(statement, "member_expression")) {
    const object = member.field("object")?.text() ?? "";
    const property = member.field("property")?.text() ?? "";
    const file = modules.get(object);
    if (file === undefined || !scope.has(object)) continue;
    const known = await exported(file, repository);
    if (known === null || known.size === 0 || known.has(property) || isAssigned(site, object, property)) continue;
    for (const [other, otherFile] of modules) {
      if (other === object || !scope.has(other)) continue;
      if (!(await exported(otherFile, repository, property))?.has(property)) continue;
      out.push(
        candidate({ family: "wrongOwner" }, "", [replace(site, member, `${other}.${property}`)], {
          explanation: `${object} has no ${property}; ${other} has`,
          score: 92,
          effect: `owner:${other}`,
        }),
      );
    }
    const near = nearest(property, known);
    if (near !== null) {
      out.push(
        candidate({ family: "misspeltMember" }, "export", [replace(site, member, `${object}.${near.name}`)], {
          explanation: `${object} exports no ${property}, but ${near.name}`,
          score: 91,
          effect: `member:${near.name}`,
        }),
      );
    }
  }
  return out;
};

/**
 * Exports of a module. With `wanted`, a module that merges others (`{...utils, ...platform}`) is followed one level.
 * null: unknown.
 */
async function exported(file: string, repository: Repository, wanted?: string): Promise<Set<string> | null> {
  const source = await repository.source(file);
  if (source === null) return null;
  const known = exportsOf(source);
  if (known !== null || wanted === undefined) return known;
  const merged = new Set<string>();
  for (const [name, inner] of moduleNames(source, repository)) {
    if (!new RegExp(`\\.\\.\\.${name}\\b`).test(source.text)) continue;
    const innerSource = await repository.source(inner);
    for (const key of (innerSource === null ? null : exportsOf(innerSource)) ?? []) merged.add(key);
  }
  return merged;
}

function isAssigned(site: RepairSite, object: string, property: string): boolean {
  return new RegExp(`(?<![\\w$.])${object}\\.${property}\\s*=[^=]`).test(site.source.text);
}
