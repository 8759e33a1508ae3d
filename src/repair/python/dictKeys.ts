import { commonest, escaped, type OtherSite, type Proposal, replaced } from "../proposals.ts";
import { pythonChain, pythonValueUse } from "./valueUse.ts";

/** Pattern with one group that matches a Python literal. */
export const LITERAL = "(None|True|False|-?\\d+(?:\\.\\d+)?|\"[^\"\\n]*\"|'[^'\\n]*'|\\[\\]|\\{\\})";

/** `counts[k] += 1` and `groups[k].append(x)` for a key that does not exist yet. */
export function growing(site: OtherSite): Proposal[] {
  const { node, subject } = site;
  const key = node.field("subscript")?.text() ?? "";
  const parent = node.parent();
  const map = subject.text();
  if (parent?.kind() === "augmented_assignment" && parent.field("left")?.id() === node.id()) {
    const right = parent.field("right")?.text() ?? "";
    const operator = (parent.field("operator")?.text() ?? "").slice(0, -1);
    if (!/^[+-]$/.test(operator)) return [];
    const start = /^[['"f]/.test(right) ? (right.startsWith("[") ? "[]" : '""') : "0";
    const text = `${map}[${key}] = ${map}.get(${key}, ${start}) ${operator} ${right}`;
    return [said("keyDefault:grow", site, parent, text, `${map}[${key}] begins with ${start}`, 90, `value:${start}`)];
  }
  const method = parent?.kind() === "attribute" ? parent.field("attribute")?.text() : undefined;
  const empty = method === "append" || method === "extend" ? "[]" : method === "add" ? "set()" : null;
  if (empty === null || pythonValueUse(pythonChain(node)).kind !== "discard") return [];
  const text = `${map}.setdefault(${key}, ${empty})`;
  return [said("keyDefault:grow", site, node, text, `${map}[${key}] begins empty`, 90, `value:${empty}`)];
}

function said(
  template: string,
  site: OtherSite,
  node: OtherSite["node"],
  text: string,
  explanation: string,
  score: number,
  effect: string,
): Proposal {
  return { template, edits: [replaced(site.source, node, text)], explanation, score, effect };
}

/** `.get(key)`, with the default that neighbouring code passes. */
export function getting(site: OtherSite): Proposal[] {
  const { node, subject, texts } = site;
  const chain = pythonChain(node);
  const slot = pythonValueUse(chain);
  const key = node.field("subscript")?.text() ?? "";
  const map = subject.text();
  const isTarget =
    /^(?:augmented_)?assignment$/.test(String(node.parent()?.kind())) &&
    node.parent()?.field("left")?.id() === node.id();
  if (isTarget || node.parent()?.kind() === "delete_statement") return [];
  const asked = /^['"]/.test(key)
    ? `\\.get\\(\\s*['"]${escaped(key.slice(1, -1))}['"]`
    : `\\b${escaped(map)}\\.get\\(\\s*[\\w.\\[\\]'"]+`;
  const [given] = commonest(texts, new RegExp(`${asked},\\s*${LITERAL}\\s*\\)`, "g"));
  const [or] = commonest(texts, new RegExp(`${asked}\\s*\\) or ${LITERAL}`, "g"));
  const found: Proposal[] = [];
  if (given !== undefined && given !== "None")
    found.push(
      said(
        "keyDefault:sibling",
        site,
        node,
        `${map}.get(${key}, ${given})`,
        `${map} may lack ${key}: ${given} then, as elsewhere`,
        92,
        `value:${given}`,
      ),
    );
  if (or !== undefined)
    found.push(
      said(
        "keyDefault:sibling",
        site,
        node,
        `(${map}.get(${key}) or ${or})`,
        `${map} may lack ${key}: ${or} then, as elsewhere`,
        91,
        `value:${or}`,
      ),
    );
  // Without a default the result is None, so this applies only if nothing more is read from it.
  if (chain.id() !== node.id()) return found;
  const plain =
    slot.kind === "defaulted" ? 88 : slot.kind === "test" ? (slot.rejects ? 70 : 88) : slot.kind === "value" ? 66 : 0;
  const bonus = new RegExp(`${asked}\\s*\\)`).test(texts.join("\n")) && given === undefined ? 6 : 0;
  if (plain > 0)
    found.push(
      said(
        "keyDefault:get",
        site,
        node,
        `${map}.get(${key})`,
        `${map} may lack ${key}: None then`,
        plain + bonus,
        slot.kind === "test" ? `test:${slot.natural}` : slot.kind === "defaulted" ? "value:default" : "value:None",
      ),
    );
  return found;
}
