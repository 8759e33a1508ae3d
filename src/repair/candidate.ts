import type { Exception } from "../domain/event.ts";

/** One replacement in a file of the tree. Offsets are UTF-16 positions in the text as it was read. */
export interface Edit {
  path: string;
  start: number;
  end: number;
  text: string;
}

/** One way to repair the crash. Nothing is known of it yet but how such repairs usually fare. */
export interface Candidate {
  /** Family and form: `nullGuard:and`. */
  template: string;
  edits: Edit[];
  /** For people, one sentence. */
  explanation: string;
  /** 0 to 100: how often a repair of this form, in such a place, is what a maintainer would have written. */
  score: number;
  /** true when it only makes the crash silent: work is skipped and nothing takes its place. */
  hides: boolean;
  /** What the crashing input sees afterwards, in one word or two (`skip`, `value:undefined`, `return:null`): two candidates with the same effect behave alike. */
  effect: string;
  /** The crashing expression as it is written (`attr.value.type`), and where it crashed: for finding the same elsewhere. */
  crashed?: string;
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

/** Reads the tree to repair. `Workspace` is one. */
export interface Tree {
  files(): Promise<string[]>;
  read(path: string): Promise<string>;
}

export interface RepairInput {
  exception: Pick<Exception, "type" | "value">;
  /** Newest first. */
  places: readonly Place[];
  tree: Tree;
  /** It was thrown inside of a package, of what the first place handed to it. */
  handedOver?: boolean;
}
