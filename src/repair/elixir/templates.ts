import type { SgNode } from "@ast-grep/napi";
import { borrowedScore, commonest, escaped, type OtherSite, type Proposal, replaced } from "../proposals.ts";
import type { ElixirCrash } from "./crashKinds.ts";
import { callee, functionAround, operator } from "./locateCrash.ts";
import { clauses, divided, emptied, fallbacks, LITERAL } from "./nilForms.ts";

/** Proposals for a missing key, nil, an empty list, or a call that matches no function clause. */
export function elixirProposals(site: OtherSite, crash: ElixirCrash): Proposal[] {
  switch (crash.kind) {
    case "key":
      return gotten(site, crash.key);
    case "nilField":
      return guarded(site);
    case "clause":
      return clauses(site, crash.name, crash.arity);
    case "empty":
      return fallbacks(site);
    case "enumerate":
      return emptied(site);
    case "arithmetic":
      return divided(site);
  }
}

type Use = { kind: "test"; natural: boolean } | { kind: "defaulted" } | { kind: "value" };

/** How the value of a chain is used: in a test, with a default after `||`, or as a plain value. */
function useOf(chain: SgNode): Use {
  const parent = chain.parent();
  const sign = parent?.kind() === "binary_operator" ? operator(parent) : "";
  if (parent !== null && /^(?:==|===|!=|!==|<|>|<=|>=|in)$/.test(sign))
    return { kind: "test", natural: sign.startsWith("!") };
  if (parent?.kind() === "unary_operator" && /^(?:!|not)$/.test(operator(parent)))
    return { kind: "test", natural: true };
  if (sign === "||" && parent?.field("left")?.id() === chain.id()) return { kind: "defaulted" };
  const call = parent?.kind() === "arguments" ? parent.parent() : null;
  return call !== null && /^(?:if|unless)$/.test(callee(call)) ? { kind: "test", natural: false } : { kind: "value" };
}

/** The whole chain of fields and `[…]` accesses that starts with the node. */
function chainOf(node: SgNode): SgNode {
  let top = node;
  for (;;) {
    const parent = top.parent();
    const isOwner = parent?.kind() === "dot" && parent.field("left")?.id() === top.id();
    const isAccess = parent?.kind() === "access_call" && parent.namedChildren()[0]?.id() === top.id();
    const next = isOwner ? (parent?.parent() ?? null) : isAccess ? parent : null;
    if (next === null) return top;
    top = next;
  }
}

/** `Map.get(map, :key)` for `map.key`, with the default that neighbouring code passes. */
function gotten(site: OtherSite, key: string): Proposal[] {
  const { node, subject, texts, source } = site;
  const map = subject.text();
  const asked = `(?:Map\\.get\\([\\w.&@]+, ${escaped(key)}|[\\w.]+\\[${escaped(key)}\\])`;
  const [given] = commonest(texts, new RegExp(`Map\\.get\\([\\w.&@]+, ${escaped(key)}, ${LITERAL}\\)`, "g"));
  const [or] = commonest(texts, new RegExp(`${asked}\\)? \\|\\| ${LITERAL}`, "g"));
  const proposal = (form: string, text: string, score: number, effect: string, words: string): Proposal => ({
    template: `keyDefault:${form}`,
    edits: [replaced(source, node, text)],
    explanation: `${map} may lack ${key}: ${words}`,
    score,
    effect,
  });
  const found: Proposal[] = [];
  if (given !== undefined)
    found.push(
      proposal("sibling", `Map.get(${map}, ${key}, ${given})`, 92, `value:${given}`, `${given} then, as elsewhere`),
    );
  if (or !== undefined)
    found.push(
      proposal("sibling", `(Map.get(${map}, ${key}) || ${or})`, 91, `value:${or}`, `${or} then, as elsewhere`),
    );
  const chain = chainOf(node);
  // The result can be nil, so this applies only if nothing more is read from it.
  if (chain.id() !== node.id()) return found;
  const use = useOf(chain);
  const access = new RegExp(`\\w\\[${escaped(key)}\\]`).test(texts.join("\n"));
  const text = access ? `${map}[${key}]` : `Map.get(${map}, ${key})`;
  const known = given === undefined && or === undefined && new RegExp(asked).test(texts.join("\n")) ? 6 : 0;
  const score = use.kind === "defaulted" ? 88 : use.kind === "test" ? (use.natural ? 78 : 84) : 68;
  const effect = use.kind === "defaulted" ? "value:default" : use.kind === "test" ? `test:${use.natural}` : "value:nil";
  return [...found, proposal("get", text, score + known, effect, "nil then")];
}

/** `map && map.key` where map is nil, or the value that neighbouring code gives for nil. */
function guarded(site: OtherSite): Proposal[] {
  const { node, subject, texts, source } = site;
  const chain = chainOf(node);
  const value = subject.text();
  if (!/^[\w.@?!]+(?:\[:\w+\])?$/.test(value)) return [];
  const use = useOf(chain);
  const proposal = (
    form: string,
    on: SgNode,
    text: string,
    score: number,
    effect: string,
    words: string,
  ): Proposal => ({
    template: `nilGuard:${form}`,
    edits: [replaced(source, on, text)],
    explanation: words,
    score,
    effect,
  });
  const given = givenForNil(texts, value);
  const found: Proposal[] = [];
  if (given !== undefined && use.kind === "value")
    found.push(
      proposal(
        "sibling",
        chain,
        `if(${value}, do: ${chain.text()}, else: ${given})`,
        borrowedScore(given, functionAround(node), 92),
        `value:${given}`,
        `${given} where ${value} is nil, as elsewhere`,
      ),
    );
  const and = `${value} && ${chain.text()}`;
  if (use.kind === "defaulted")
    found.push(proposal("and", chain, `(${and})`, 88, "value:default", `the default counts where ${value} is nil`));
  else if (use.kind === "test") {
    const term = chain.parent()?.kind() === "arguments" ? chain : (chain.parent() ?? chain);
    const nested = term.parent()?.kind() === "binary_operator" || term.parent()?.kind() === "unary_operator";
    const inside = `${value} && ${term.text()}`;
    const or = `is_nil(${value}) || ${term.text()}`;
    found.push(
      proposal(
        "and",
        term,
        nested ? `(${inside})` : inside,
        use.natural ? 66 : 86,
        "test:false",
        `the answer is no where ${value} is nil`,
      ),
    );
    if (use.natural)
      found.push(
        proposal("or", term, nested ? `(${or})` : or, 72, "test:true", `the answer is yes where ${value} is nil`),
      );
  } else
    found.push(
      proposal(
        "and",
        chain,
        isOperand(chain) ? `(${and})` : and,
        given === undefined ? 68 : 60,
        "value:nil",
        `nil where ${value} is nil`,
      ),
    );
  return found;
}

/** Whether an expression that binds less tightly needs parentheses here. */
function isOperand(node: SgNode): boolean {
  const parent = node.parent();
  return parent !== null && /^(?:binary|unary)_operator$/.test(String(parent.kind())) && operator(parent) !== "=";
}

/**
 * The value that neighbouring code gives for nil: `if user.address, do: …, else: "x"`, `(user.address && …) || "x"`,
 * `def city(%{address: nil}), do: "x"`.
 */
function givenForNil(texts: readonly string[], value: string): string | undefined {
  const name = escaped(/([\w?!]+)\]?$/.exec(value)?.[1] ?? value);
  const owned = `(?:[\\w.]+\\.)?${name}`;
  const forms = [
    `if\\(? ?${owned}, do: [^\\n]*, else: ${LITERAL}`,
    `if ${owned} do\\n[^\\n]*\\n\\s*else\\n\\s*${LITERAL}\\n`,
    `${owned} && [^\\n|]*\\|\\| ${LITERAL}`,
    `defp? \\w+\\(%\\{${name}: nil\\}\\),? do: ${LITERAL}`,
  ];
  return forms.map((form) => commonest(texts, new RegExp(form, "g"))[0]).find((found) => found !== undefined);
}
