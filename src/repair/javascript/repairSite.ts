import type { SgNode } from "@ast-grep/napi";
import { statementOf } from "../../syntax/scriptNodes.ts";
import { type Source, spanOf } from "../../syntax/source.ts";
import type { Candidate, Edit, Place } from "../candidate.ts";
import type { CodeStyle } from "./codeStyle.ts";
import type { Crash } from "./crashKinds.ts";
import type { NearbyGuards } from "./nearbyGuards.ts";

/** A place to repair: the crashing expression, and the value in it that was not what the code assumed. */
export interface RepairSite {
  source: Source;
  style: CodeStyle;
  crash: Crash;
  place: Place;
  /** 0: the crash itself; 1: its caller; and so on. */
  depth: number;
  /** How much lower a repair here scores than one at the crash. */
  cost: number;
  /**
   * The crashing expression (member access, call, assignment…). In a caller's frame: the call that led to the crash.
   */
  node: SgNode;
  /** The value that was undefined, null or of another type. */
  subject: SgNode;
  /** How the code at this site writes the value: the subject's text, or `argument.member` in a caller's frame. */
  subjectText: string;
  /** true: the message says null; false: it says undefined; null: it says neither. */
  isNull: boolean | null;
  /** How nearby code guards the value's last name. */
  siblings: NearbyGuards;
}

/** The files of the tree. Each file is read and parsed once. */
export interface Repository {
  files: readonly string[];
  /** The text of a file; "" if it cannot be read. */
  text(path: string): Promise<string>;
  /** The parsed file; null if it is not JavaScript or TypeScript, or too long. */
  source(path: string): Promise<Source | null>;
}

/**
 * A template family: returns the candidates it can make at a site, or none. It does not run or check them.
 *
 * @example
 * export const constToLet: Template = (site) => (site.crash.kind === "constAssign" ? [candidate(…)] : []);
 */
export type Template = (site: RepairSite, repository: Repository) => Candidate[] | Promise<Candidate[]>;

/**
 * Replaces a node. In code without semicolons, a statement that newly starts with a bracket would continue the line
 * before it, so the text gets a semicolon in front.
 */
export function replace(site: RepairSite, node: SgNode, text: string): Edit {
  const span = spanOf(node);
  const opens = !site.style.semicolons && /^[([`]/.test(text) && !/^[([`]/.test(node.text());
  const statement = opens ? statementOf(node) : null;
  const first = statement?.kind() === "expression_statement" && spanOf(statement).start === span.start;
  return { path: site.source.path, start: span.start, end: span.end, text: first ? `;${text}` : text };
}

/** Inserts a text at an offset. */
export function insert(site: RepairSite, offset: number, text: string): Edit {
  return { path: site.source.path, start: offset, end: offset, text };
}

/** The last name in an expression's text: `c` of `a.b.c`, `b` of `a["b"]`; "" if the text does not end in a name. */
export function lastName(text: string): string {
  return /([\w$]+)(?:['"]\])?[!)]*$/.exec(text.trim())?.[1] ?? "";
}
