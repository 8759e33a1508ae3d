import type { SgNode } from "@ast-grep/napi";
import type { Candidate, Edit, Place } from "../candidate.ts";
import { type Source, spanOf } from "../source.ts";
import type { CodeStyle } from "./codeStyle.ts";
import type { Crash } from "./crashMessage.ts";
import type { NearbyGuards } from "./nearbyGuards.ts";
import { statementOf } from "./syntaxNodes.ts";

/** A place to repair: the expression that crashed, and the value in it that was not what the code took it for. */
export interface RepairSite {
  source: Source;
  style: CodeStyle;
  crash: Crash;
  place: Place;
  /** 0: where it crashed; 1: its caller; and so on. */
  depth: number;
  /** What a repair here is worth less than one where it crashed. */
  cost: number;
  /** The crashing expression (member access, call, assignment…); in a caller's frame the call that led there. */
  node: SgNode;
  /** The value that was undefined, null or of another type. */
  subject: SgNode;
  /** How the value is written as far as the caller knows it: the subject's text, or `argument.member` in a caller's frame. */
  subjectText: string;
  /** Whether the message says null (true), undefined (false), or neither. */
  isNull: boolean | null;
  siblings: NearbyGuards;
}

/** The files of the tree as sources, read and parsed once. */
export interface Repository {
  files: readonly string[];
  /** "" for a file that cannot be read. */
  text(path: string): Promise<string>;
  source(path: string): Promise<Source | null>;
}

/** A template family: what it could do at a site. */
export type Template = (site: RepairSite, repository: Repository) => Candidate[] | Promise<Candidate[]>;

/** Replaces a node. Where lines end without semicolons, a statement that now starts with a bracket would be read as the end of the line before: it gets a semicolon in front. */
export function replace(site: RepairSite, node: SgNode, text: string): Edit {
  const span = spanOf(node);
  const opens = !site.style.semicolons && /^[([`]/.test(text) && !/^[([`]/.test(node.text());
  const statement = opens ? statementOf(node) : null;
  const first = statement?.kind() === "expression_statement" && spanOf(statement).start === span.start;
  return { path: site.source.path, start: span.start, end: span.end, text: first ? `;${text}` : text };
}

/** Puts a text at an offset. */
export function insert(site: RepairSite, offset: number, text: string): Edit {
  return { path: site.source.path, start: offset, end: offset, text };
}

/** The last name in an expression's text: `c` of `a.b.c`, `b` of `a["b"]`; "" when it ends in something else. */
export function lastName(text: string): string {
  return /([\w$]+)(?:['"]\])?[!)]*$/.exec(text.trim())?.[1] ?? "";
}
