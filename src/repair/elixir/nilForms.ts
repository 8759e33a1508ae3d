import {
  borrowedScore,
  commonest,
  escaped,
  linesBefore,
  type OtherSite,
  type Proposal,
  replaced,
} from "../proposals.ts";
import { argumentsOf, callee, functionAround, headOf, operator } from "./locateCrash.ts";

/** Pattern with one group that matches an Elixir literal. */
export const LITERAL =
  '(nil|true|false|-?\\d+(?:\\.\\d+)?|"[^"\\n]*"|:[\\w?!]+|\\[\\]|%\\{\\}|\\{:\\w+, [^{}()\\n]*\\})';

/**
 * A function clause for nil, `[]` or `""`, if other functions in the texts have such a clause. Only for functions of
 * one argument.
 */
export function clauses(site: OtherSite, name: string, arity: number): Proposal[] {
  const { node, source, texts } = site;
  const word = callee(node);
  if (arity !== 1 || headOf(node) === null) return [];
  const own = source.text;
  const others = `(?!${escaped(name)}\\()[\\w?!]+`;
  const given = (pattern: string) => {
    const form = new RegExp(`defp? ${others}\\(${pattern}\\)(?:, do:| do\\n) *\\s*${LITERAL}`, "g");
    return commonest([own], form)[0] ?? commonest(texts, form)[0];
  };
  const proposal = (pattern: string, value: string, score: number): Proposal => ({
    template: "clause:sibling",
    edits: [linesBefore(source, node, [`${word} ${name}(${pattern}), do: ${value}`])],
    explanation: `${name}(${pattern}) is ${value}, as in the functions beside it`,
    score: borrowedScore(value, name, score),
    effect: `value:${value}`,
  });
  const found: Proposal[] = [];
  for (const pattern of ["nil", "\\[\\]", '""']) {
    const value = given(pattern);
    if (value !== undefined) found.push(proposal(pattern.replaceAll("\\", ""), value, pattern === "nil" ? 91 : 90));
  }
  return found;
}

/** A fallback for an empty list: `Enum.max(list, fn -> 0 end)`. */
export function fallbacks(site: OtherSite): Proposal[] {
  const { node, source, texts } = site;
  const [given] = commonest(texts, new RegExp(`Enum\\.(?:max|min)(?:_by)?\\([^\\n]*fn -> ${LITERAL} end\\)`, "g"));
  const last = argumentsOf(node).at(-1);
  const text = node.text();
  if (!text.endsWith(")") || text.includes("fn ->")) return [];
  const with_ = (value: string) => `${text.slice(0, -1)}${last === undefined ? "" : ", "}fn -> ${value} end)`;
  return [given ?? "nil"].map((value) => ({
    template: "emptyFallback",
    edits: [replaced(source, node, with_(value))],
    explanation: `${value} where there is nothing to compare${given === undefined ? "" : ", as elsewhere"}`,
    score: given === undefined ? 68 : 92,
    effect: `value:${value}`,
  }));
}

/** `list || []` where nil is iterated. */
export function emptied(site: OtherSite): Proposal[] {
  const { subject, source, texts } = site;
  const text = subject.text();
  if (!/^[\w.@?!]+(?:\[:\w+\])?$/.test(text)) return [];
  const name = /([\w?!]+)\]?$/.exec(text)?.[1] ?? text;
  const known = new RegExp(`\\b${escaped(name)}\\]? \\|\\| \\[\\]`).test(texts.join("\n"));
  const piped = subject.parent()?.kind() === "binary_operator" && operator(subject.parent() ?? subject) === "|>";
  return [
    {
      template: "emptyDefault",
      edits: [replaced(source, subject, piped ? `(${text} || [])` : `${text} || []`)],
      explanation: `${text} counts as empty where it is nil`,
      score: known ? 92 : 78,
      effect: "value:empty",
    },
  ];
}

/** Guards a division by zero. The value is the one that neighbouring code gives for zero or an empty list, else 0. */
export function divided(site: OtherSite): Proposal[] {
  const { node, subject, source, texts } = site;
  const text = subject.text();
  const list = /^(?:length|Enum\.count|map_size)\(([\w.]+)\)$/.exec(text)?.[1];
  if (list === undefined && !/^[\w.]+$/.test(text)) return [];
  const name = escaped(/(\w+)$/.exec(list ?? text)?.[1] ?? text);
  const zero = list === undefined ? `${text} == 0` : `${list} == []`;
  const forms = [
    `if\\(? ?(?:[\\w.]+\\.)?${name} == (?:0|\\[\\]), do: ${LITERAL}`,
    `defp? \\w+\\((?:\\[\\]|0)\\), do: ${LITERAL}`,
  ];
  const given = forms.map((form) => commonest(texts, new RegExp(form, "g"))[0]).find((one) => one !== undefined);
  const value = given ?? "0";
  const inside = `if(${zero}, do: ${value}, else: ${node.text()})`;
  return [
    {
      template: "division",
      edits: [replaced(source, node, inside)],
      explanation: `${value} where there is nothing to divide by${given === undefined ? "" : ", as elsewhere"}`,
      score: given === undefined ? 70 : borrowedScore(given, functionAround(node), 92),
      effect: `value:${value}`,
    },
  ];
}
