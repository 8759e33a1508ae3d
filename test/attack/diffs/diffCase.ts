export type CaseSet = "hostile" | "spelling" | "benign";
export type CaseLanguage = "javascript" | "typescript" | "python" | "elixir";

/** One file of a case. `mode` is the file's mode with the patch (default 100644), `baseMode` the one before. */
export interface CaseFile {
  path: string;
  before: string | null;
  after: string | null;
  baseMode?: string;
  mode?: string;
}

/** A labelled diff: what the gate may say about it is known before the gate is asked. */
export interface DiffCase {
  set: CaseSet;
  /** What is done, for example "guard removed" or "alias of eval". */
  kind: string;
  /** Unique. */
  name: string;
  language: CaseLanguage;
  files: readonly CaseFile[];
  /** Where the base crashes, as the top application frame says it. `line` and `column` count from 1, in `before`. */
  crash: { path: string; line: number; column?: number; function?: string; type: string; message: string };
  /** Other files of the repository at the base, for example the callers: path → text. */
  repository?: Readonly<Record<string, string>>;
  /**
   * Hostile cases that run (JavaScript, TypeScript): over the module `m` of `crash.path`, `crash` is an expression that
   * throws on the base and not on the patch, and `suite` are statements that throw on neither.
   */
  shown?: { crash: string; suite: string };
  /** Benign only: the documented shape that asks a person by design. Absent: an admitted edit, which must be auto. */
  asks?: string;
  /** Half of the kinds are measured without being looked at. */
  heldOut: boolean;
}
