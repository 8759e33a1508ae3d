import { bare, chainOf, hasEffects, memberName } from "../../../syntax/scriptNodes.ts";
import { candidate } from "../guardForms.ts";
import { type Repository, replace, type Template } from "../repairSite.ts";
import { valueUseOf } from "../valueUse.ts";

/** How many files are searched for the same read with an alternative, in the order of the repository's listing. */
const MAX_FILES = 800;

/** Uses the alternative that the same read has elsewhere in the repository: `x.raws.a ? x.raws.a.raw : x.a`. */
export const siblingForm: Template = async (site, repository) => {
  if (site.crash.kind !== "read" || site.depth > 0 || hasEffects(site.subject)) return [];
  const chain = chainOf(site.node);
  const member = memberName(site.node);
  const slot = valueUseOf(chain);
  if (member === null || chain.id() !== site.node.id() || slot.kind === "discard") return [];
  const otherwise = await alternative(bare(site.subject).text(), member, repository, site.source.text);
  if (otherwise === null) return [];
  const text = `${site.subjectText} ? ${chain.text()} : ${otherwise}`;
  const parent = chain.parent();
  const loose =
    /^(?:variable_declarator|assignment_expression|return_statement|pair|arguments|arrow_function|array)$/.test(
      String(parent?.kind()),
    );
  return [
    candidate({ family: "siblingForm" }, "ternary", [replace(site, chain, loose ? text : `(${text})`)], {
      explanation: `the repository reads it with this alternative elsewhere: ${otherwise}`,
      score: 90,
      effect: `value:${otherwise}`,
    }),
  ];
};

/**
 * The alternative from other places, with this site's root name; null when there is none, or several different ones.
 */
async function alternative(
  subject: string,
  member: string,
  repository: Repository,
  own: string,
): Promise<string | null> {
  const match = /^([\w$]+)((?:\.[\w$]+)+)$/.exec(subject);
  if (match === null) return null;
  const [, root = "", path = ""] = match;
  const escaped = path.replace(/[.$]/g, "\\$&");
  const pattern = new RegExp(
    `\\b([\\w$]+)${escaped}\\s*\\?\\s*\\1${escaped}\\.${member}\\s*:\\s*([\\w$.]+|\\[\\]|\\{\\}|''|"")`,
    "g",
  );
  const found = new Set<string>();
  const read = (text: string) => {
    if (!text.includes(path)) return;
    for (const [, other = "", value = ""] of text.matchAll(pattern)) {
      found.add(value.startsWith(`${other}.`) ? root + value.slice(other.length) : value);
    }
  };
  read(own);
  for (const file of repository.files.filter((f) => /\.[cm]?[jt]sx?$/.test(f)).slice(0, MAX_FILES))
    read(await repository.text(file));
  const [only] = found;
  return found.size === 1 && only !== undefined ? only : null;
}
