import type { SgNode } from "@ast-grep/napi";
import type { EntryName } from "./entries.ts";

/** One admitted edit, as the comparison of the two syntax trees recognised it. */
export interface AdmittedEdit {
  entry: EntryName;
  /** The node that was replaced, in the tree before; null: nothing was replaced, something was inserted. */
  before: SgNode | null;
  /** The node in the tree after. */
  after: SgNode;
  /** Where the edit stands in the file before: the offset of what it changes or precedes. */
  at: number;
  /** What is new for the program. */
  effect: EditEffect;
}

/** What an admitted edit can newly cause. */
export type EditEffect =
  /** Nothing: an argument, an await, a bound. No value arises that was not there. */
  | { kind: "none" }
  /** The expression can newly have the value `undefined`, a default, or a coerced value. `subjects`: what may be missing. */
  | { kind: "value"; node: SgNode; subjects: readonly SgNode[] }
  /** The function can newly return a value. Where a caller reads from it, there was an exception before. */
  | { kind: "result"; node: SgNode }
  /** `leftOut` is newly left out. `value`: what is returned instead, null for nothing. */
  | {
      kind: "leave";
      statement: SgNode;
      value: SgNode | null;
      subjects: readonly SgNode[];
      leftOut: readonly SgNode[];
    }
  /** A name was corrected. */
  | { kind: "name"; from: string; to: string; called: boolean; node: SgNode };

/** A form that one node may take in place of another: the edit, and the pairs that must be equal or admitted in turn. */
export interface Match {
  entry: EntryName;
  effect: EditEffect;
  pairs: readonly (readonly [SgNode, SgNode])[];
}

/** Recognises one form; null: the pair is not of this form. */
export type Form = (before: SgNode, after: SgNode) => Match | null;

/** A statement that may be inserted, given the statements of its block after and before it; null: it may not. */
export type Insertion = (
  statement: SgNode,
  following: readonly SgNode[],
  preceding: readonly SgNode[],
) => Omit<Match, "pairs"> | null;

/** How a value is used by the node above it. */
export type Use =
  /** The node above has the value, or a value computed from it. `yesNo`: the computed value is a yes or no. */
  | { kind: "up"; yesNo?: boolean }
  /** The value ends here and decides nothing: it is printed, thrown, or unused. */
  | { kind: "ends" }
  /** The value is not used, and the work that made it may be left out. */
  | { kind: "discarded" }
  /** The value decides. `why` in words. */
  | { kind: "decides"; why: string }
  /** The value goes where a program cannot follow it. */
  | { kind: "lost"; why: string }
  /** The value has a name now, or decides what a name stands for (`yesNo`: yes or no). `reads` are the reads of the name. */
  | { kind: "named"; reads: readonly SgNode[]; yesNo?: boolean }
  /** The value is given to a function that is defined here: `parameter` reads are followed. */
  | { kind: "passed"; callee: string; index: number }
  /** The value is what the function around it returns. */
  | { kind: "returned" };

/** What is done for each element of a list: code in place, or a function by its name. */
export type Round = { body: SgNode } | { calls: string };

/** Local variables that nodes write: reads of them elsewhere, and the values that they can have. */
export interface LocalWrites {
  reads: readonly SgNode[];
  values: readonly SgNode[];
  /** Whether a yes or no is written. */
  yesNo: boolean;
}

/** What the policy must know of a language. All nodes are of the tree after, unless a parameter says otherwise. */
export interface Dialect {
  isComment(node: SgNode): boolean;
  /** Whether the children of a node are statements or members in a row. */
  isList(node: SgNode): boolean;
  /** Whether spaces are part of the node's text: strings and the like. */
  isText(node: SgNode): boolean;
  /** Whether a statement is only documentation: it may be inserted. */
  isDocumentation(statement: SgNode): boolean;
  /** `const a = u.address` with a value that is read without calls; null: another statement. */
  localOf(statement: SgNode): { name: SgNode; value: SgNode } | null;
  /** Whether a name is read in its place: not bound, not written to, no label. */
  isRead(name: SgNode): boolean;
  /** Whether a leaf is a part of another name: a property, a key, a keyword. */
  isLabel(name: SgNode): boolean;
  forms: readonly Form[];
  insertion: Insertion;
  use(node: SgNode, parent: SgNode): Use;
  /** Whether a call computes a value from its arguments and does nothing else. */
  isPure(call: SgNode): boolean;
  /** Calls, creations and assignments inside of a node, but for writes to local variables. */
  effectsIn(node: SgNode): SgNode[];
  /** What becomes of the local variables that are written inside of nodes: reads of them elsewhere. */
  writtenIn(nodes: readonly SgNode[]): LocalWrites;
  /**
   * What the parent of a node does for each element of the node's value: bodies of loops and comprehensions, functions
   * that are given to `map` and the like. Without elements it is left out.
   */
  roundsOver(node: SgNode, parent: SgNode): Round[];
  /** The functions around a node, innermost first. */
  functionsAround(node: SgNode): SgNode[];
  /** The names of a function, its class and its module, as far as the file tells. */
  namesOf(fn: SgNode): string[];
  /** How a function's result is used by what it is given to (a callback); null: it has a name or is not given away. */
  callbackUse(fn: SgNode): Use | null;
  /** The name by which a function is called; null: it has none. */
  calledName(fn: SgNode): string | null;
  /**
   * Calls of a name, and mentions of it as a value, in a tree. For a getter (`fn`) every read of the name is a call.
   */
  callsOf(root: SgNode, name: string, fn?: SgNode): { calls: SgNode[]; mentions: SgNode[] };
  /** Other names that a tree gives to a name: in imports, exports, assignments. */
  aliasesOf(root: SgNode, name: string): string[];
  /** The names of the functions that the statement around a node calls. */
  calleesIn(node: SgNode): string[];
  /** The functions of a name that a tree defines. */
  definitionsOf(root: SgNode, name: string): SgNode[];
  /** Reads of the parameter at an index. null: the function has no such parameter with a plain name. */
  readsOfParameter(fn: SgNode, index: number): SgNode[] | null;
  /** Why an exception at a node decides: it is caught around it, and the handler leaves; null: it is not caught so. */
  caughtAround(node: SgNode): string | null;
  /** Why a function decides by what it does (statuses, hands over to the next handler); null: it does not. */
  decidesByBody(fn: SgNode): string | null;
  /** Names and texts in a node that a word list is held against. */
  wordsIn(node: SgNode): string[];
  /** Names that the bindings of a node introduce (parameters, declarations); used to find the declared place of a value. */
  boundNames(node: SgNode): string[];
}
