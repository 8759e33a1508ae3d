/**
 * The closed list of edits that may go live without a person, and what the program proves for each. A patch is admitted
 * only if every difference between the trees before and after is one of these. docs/security.md shows the same table;
 * `test/policy/admittedEdits/table.test.ts` compares them.
 */
export const ENTRIES = {
  optionalAccess: {
    what: "the crashing access is skipped when its object is missing: `a.b` → `a?.b`, `m.k` → `m[:k]`, `d[k]` → `d.get(k)`",
    proof: "the same names, the same arguments; the skipped calls only compute; the missing value reaches no decision",
  },
  defaultValue: {
    what: 'the crashing value gets an empty default: `x ?? []`, `x || ""`, `x or {}`, `d.get(k, 0)`, a parameter\'s default',
    proof:
      "the default is empty (no text, no number but 0, no yes or no); the default reaches no decision, and is no zero for an amount",
  },
  presenceGuard: {
    what: "the crashing expression is evaluated only if its value is there: `x && x.y`, `x ? x.y : null`, `a if x else None`",
    proof:
      "the check reads only what the crashing expression reads; the other branch is empty; its value reaches no decision",
  },
  earlyReturn: {
    what: "a return with an empty value (or continue) before the crashing statement, if its value is missing",
    proof:
      "the check reads only what the following statements read; what is left out computes only; the function decides nothing",
  },
  initialValue: {
    what: "an empty initial value for a reduction: `reduce(f)` → `reduce(f, 0)`, `max(xs)` → `max(xs, default=None)`",
    proof: "every argument is unchanged; the new last argument is empty",
  },
  correctedName: {
    what: "a misspelt name that the exception names is replaced by a name that is nearly the same",
    proof:
      "the exception names it; the new name is used elsewhere in these files or belongs to the language; it is no name of a decision",
  },
  addedAwait: {
    what: "`await` before the crashing call, or before the call that made the crashing value",
    proof: "the function is already asynchronous; nothing else differs",
  },
  coercion: {
    what: "the crashing value becomes text, a number or a list: `String(x)`, `str(x)`, `to_string(x)`",
    proof: "the function is one of the language's own; it is not redefined in the file; its value reaches no decision",
  },
  loopBound: {
    what: "a counting loop that reads one element too many: `i <= xs.length` → `i < xs.length`",
    proof: "the loop counts from 0 by 1 and reads `xs[i]`: the left-out round always read outside of the list",
  },
  addedReturn: {
    what: "`return` before the last expression of a function that returned nothing",
    proof: "the expression computes only and was unused; its value reaches no decision in any caller",
  },
} as const satisfies Record<string, { what: string; proof: string }>;

/** The name of an entry of the closed list. */
export type EntryName = keyof typeof ENTRIES;
