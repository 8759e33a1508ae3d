import type { SgNode } from "@ast-grep/napi";
import type { Candidate, Edit, Place } from "./candidate.ts";
import { indentAt, type Source, spanOf } from "./source.ts";

/** What the languages beside JavaScript's share: nodes by line, edits by text, early leaves, what the neighbours write. */
export interface OtherSite {
  source: Source;
  place: Place;
  /** The crashing expression, and the value in it that was not there. */
  node: SgNode;
  subject: SgNode;
  /** The file itself first, then its neighbours. */
  texts: readonly string[];
}

/** Nodes of the kinds that touch a line (from 1), in the order of the text. */
export function onLine(source: Source, line: number, ...kinds: string[]): SgNode[] {
  return source.root.findAll({ rule: { any: kinds.map((kind) => ({ kind })) } }).filter((node) => {
    const { start, end } = node.range();
    return start.line <= line - 1 && line - 1 <= end.line;
  });
}

export function replaced(source: Source, node: SgNode, text: string): Edit {
  const { start, end } = spanOf(node);
  return { path: source.path, start, end, text };
}

/** Whole lines before a statement, in its own indentation. */
export function linesBefore(source: Source, statement: SgNode, lines: readonly string[]): Edit {
  const { start } = spanOf(statement);
  const indent = indentAt(source, start);
  return { path: source.path, start, end: start, text: lines.map((line) => `${line}\n${indent}`).join("") };
}

/** The step of indentation that the file has. */
export function unitOf(source: Source): string {
  const widths = [...source.text.matchAll(/(?::|do|->)\n( +)\S/g)].map((m) => (m[1] ?? "").length);
  return source.text.includes(":\n\t") ? "\t" : " ".repeat(Math.min(4, ...widths.filter((w) => w > 1)));
}

export interface Proposal {
  template: string;
  edits: (Edit | null)[];
  explanation: string;
  score: number;
  effect: string;
  hides?: boolean;
}

/** A candidate; null where one of its edits cannot be made. */
export function proposed(site: OtherSite, proposal: Proposal): Candidate | null {
  const edits = proposal.edits.filter((edit) => edit !== null);
  if (edits.length < proposal.edits.length) return null;
  const { template, explanation, score, effect, hides = false } = proposal;
  return { template, edits, explanation, score, effect, hides, place: site.place, crashed: oneLine(site.node.text()) };
}

/** Texts of the first group of a pattern in the file (three times its weight) and its neighbours, commonest first. */
export function commonest(texts: readonly string[], pattern: RegExp): string[] {
  const counts = new Map<string, number>();
  texts.forEach((text, i) => {
    for (const match of text.matchAll(pattern)) {
      const found = match[1] ?? "";
      counts.set(found, (counts.get(found) ?? 0) + (i === 0 ? 3 : 1));
    }
  });
  return [...counts].sort((a, b) => b[1] - a[1]).map(([text]) => text);
}

export function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
}

export function oneLine(text: string): string {
  return text.replace(/\s+/g, " ").slice(0, 160);
}

const NEUTRAL =
  /^(?:None|nil|0(?:\.0)?|""|''|\[\]|%?\{\}|["'](?:unknown|none|n\/a|nobody|anonymous|unnamed|missing|-+)["'])$/i;
const PREDICATE = /^(?:is|has|can|should|was|does)_|\?$/;

/**
 * How sure it is that what one function gives for nothing is right in another one of that name: a truth value only where both answer
 * yes or no, and a word of its own (`'0000'`) is likely meant for the other function alone.
 */
export function borrowedScore(value: string, functionName: string, sure: number): number {
  const isTruth = /^(?:true|false)$/i.test(value);
  if (isTruth !== PREDICATE.test(functionName)) return isTruth ? 40 : 64;
  return isTruth || NEUTRAL.test(value) ? sure : 64;
}
