import type { Exception } from "../domain/event.ts";

/** One replacement in a file of the tree. Offsets are UTF-16 positions in the text as it was read. */
export interface Edit {
  path: string;
  start: number;
  end: number;
  text: string;
}

/** One proposed repair of the crash. It has not been tested yet; `score` says only how often such repairs are right. */
export interface Candidate {
  /** Template family and form: `nullGuard:and`. */
  template: string;
  edits: Edit[];
  /** One sentence for people. */
  explanation: string;
  /** 0 to 100: how often a maintainer would have written a repair of this form at such a place. */
  score: number;
  /** true when the repair only silences the crash: work is skipped and nothing replaces it. */
  hides: boolean;
  /**
   * What the crashing input gets afterwards, in one or two words (`skip`, `value:undefined`, `return:null`). Two
   * candidates with the same effect behave the same.
   */
  effect: string;
  /** The crashing expression as it is written (`attr.value.type`). Used to find the same expression elsewhere. */
  crashed?: string;
  /** Where the candidate applies: the crash, or a caller's frame. */
  place?: Place;
}

/** An in-repository frame. Line and column count from 1. */
export interface Place {
  file: string;
  line: number;
  column?: number | undefined;
  function?: string | undefined;
  /** Local variables as JSON strings, where the client captured them. */
  vars?: Record<string, string> | undefined;
}

/**
 * The tree to repair. `Workspace` implements it.
 *
 * @example
 * const tree: Tree = { files: async () => ["a.js"], read: async () => "exports.a = (x) => x.y.z;\n" };
 */
export interface Tree {
  files(): Promise<string[]>;
  read(path: string): Promise<string>;
}

/** What the engine needs to propose repairs for one exception. */
export interface RepairInput {
  exception: Pick<Exception, "type" | "value">;
  /** In-repository frames, newest first. */
  places: readonly Place[];
  tree: Tree;
  /** true when a package threw the exception because of a value that the first place passed to it. */
  handedOver?: boolean;
}
