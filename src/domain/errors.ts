/** Base of every error class of selfheal. It has a stable `code` for programs, a message for people, and the cause. */
export class SelfhealError extends Error {
  readonly code: string;

  constructor(code: string, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.name = "SelfhealError";
    this.code = code;
  }

  /**
   * Compares by shape, not by `instanceof`, and is true for every Error with a text `code`, also for errors of Node.js.
   */
  static isInstance(value: unknown): value is SelfhealError {
    return value instanceof Error && typeof (value as { code?: unknown }).code === "string";
  }
}

/** One fault of an input. `path` names the field (`exception.type`, `services[0].repo`). */
export interface Fault {
  path: string;
  message: string;
}

/** Input that cannot be accepted. `faults` lists every field that is wrong, not only the first. */
export class InvalidInputError extends SelfhealError {
  readonly faults: readonly Fault[];

  constructor(code: string, faults: readonly Fault[]) {
    super(code, faults.map((f) => (f.path === "" ? f.message : `${f.path}: ${f.message}`)).join("; "));
    this.name = "InvalidInputError";
    this.faults = faults;
  }
}

/** The short text of anything thrown, for logs, tickets and audit entries. */
export function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}

/** The `code` of a file system error (`ENOENT`), or "". */
export function fileErrorCode(thrown: unknown): string {
  return thrown instanceof Error && "code" in thrown ? String(thrown.code) : "";
}
