import type { SgNode } from "@ast-grep/napi";
import { indentAt, type Source, spanOf } from "../syntax/source.ts";
import type { Candidate, Edit, Place } from "./candidate.ts";

/** A crash in a Python or Elixir file, as the templates of both languages read it. */
export interface OtherSite {
  source: Source;
  place: Place;
  /** The crashing expression. */
  node: SgNode;
  /** The value in it that was missing. */
  subject: SgNode;
  /** Text of the file itself, then of its neighbours. */
  texts: readonly string[];
}

/** Nodes of the given kinds that touch a line (from 1), in text order. */
export function onLine(source: Source, line: number, ...kinds: string[]): SgNode[] {
  return source.root.findAll({ rule: { any: kinds.map((kind) => ({ kind })) } }).filter((node) => {
    const { start, end } = node.range();
    return start.line <= line - 1 && line - 1 <= end.line;
  });
}

/** Replaces a node with a text. */
export function replaced(source: Source, node: SgNode, text: string): Edit {
  const { start, end } = spanOf(node);
  return { path: source.path, start, end, text };
}

/** Inserts whole lines before a statement, with the statement's indentation. */
export function linesBefore(source: Source, statement: SgNode, lines: readonly string[]): Edit {
  const { start } = spanOf(statement);
  const indent = indentAt(source, start);
  return { path: source.path, start, end: start, text: lines.map((line) => `${line}\n${indent}`).join("") };
}

/** One indentation step of the file: a tab, or the smallest width found, at most 4 spaces. */
export function unitOf(source: Source): string {
  const widths = [...source.text.matchAll(/(?::|do|->)\n( +)\S/g)].map((m) => (m[1] ?? "").length);
  return source.text.includes(":\n\t") ? "\t" : " ".repeat(Math.min(4, ...widths.filter((w) => w > 1)));
}

/**
 * A candidate before its edits are checked. An edit is null if the template cannot make it. `hides` defaults to false.
 */
export interface Proposal {
  template: string;
  edits: (Edit | null)[];
  explanation: string;
  score: number;
  effect: string;
  hides?: boolean;
}

/** Makes a candidate; null if one of its edits is null. */
export function proposed(site: OtherSite, proposal: Proposal): Candidate | null {
  const edits = proposal.edits.filter((edit) => edit !== null);
  if (edits.length < proposal.edits.length) return null;
  const { template, explanation, score, effect, hides = false } = proposal;
  return { template, edits, explanation, score, effect, hides, place: site.place, crashed: oneLine(site.node.text()) };
}

/**
 * What the pattern's first group matches in the texts, most frequent first. Matches in the first text, the file itself,
 * count three times.
 */
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

/** Escapes a text for use in a regular expression. */
export function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
}

/** Collapses white space and cuts the text to 160 characters. */
export function oneLine(text: string): string {
  return text.replace(/\s+/g, " ").slice(0, 160);
}

const NEUTRAL =
  /^(?:None|nil|0(?:\.0)?|""|''|\[\]|%?\{\}|["'](?:unknown|none|n\/a|nobody|anonymous|unnamed|missing|-+)["'])$/i;
const PREDICATE = /^(?:is|has|can|should|was|does)_|\?$/;

/**
 * How likely a fallback value of one function is right in another function. A truth value fits only if the name says
 * that the function answers yes or no. A specific text (`'0000'`) is probably meant for the other function only. A
 * neutral value gets the score `sure`.
 */
export function borrowedScore(value: string, functionName: string, sure: number): number {
  const isTruth = /^(?:true|false)$/i.test(value);
  if (isTruth !== PREDICATE.test(functionName)) return isTruth ? 40 : 64;
  return isTruth || NEUTRAL.test(value) ? sure : 64;
}
