import type { Platform, StackFrame } from "../../domain/event.ts";
import { present } from "../protocols/fields.ts";

/** Parts of file names that belong to a runtime or to third-party code. */
const FOREIGN_FILE =
  /^$|^node:|^internal\/|(?:^|[\\/])node_modules[\\/]|^<|^\[?native|^(?:chrome|moz|safari-web)-extension:|(?:^|[\\/])(?:site|dist)-packages[\\/]|[\\/]lib[\\/]python\d|[\\/]go[\\/]src[\\/][^\\/.]+[\\/]|[\\/]pkg[\\/]mod[\\/]|^_testmain\.go$|^deps[\\/]/;

/** How many source lines before and after a frame's own are kept. */
const CONTEXT_LINES = 5;

/** Java packages that are never the app's own. */
const FOREIGN_CLASS =
  /^(?:javax?|jdk|sun|com\.sun|kotlinx?|scala|groovy|org\.(?:springframework|apache|hibernate|junit|eclipse|slf4j)|io\.(?:netty|undertow|micrometer|grpc)|ch\.qos|reactor)\./;

/** Functions of Go's runtime, whatever file they are in. */
const FOREIGN_GO = /^(?:runtime|reflect|testing)[./]|^panic$/;

/** What a client may know of a frame. */
export interface RawFrame {
  file: string | undefined;
  function: string | undefined;
  line?: number | undefined;
  column?: number | undefined;
  /** What the client says; it can only take a frame out, never put foreign code in. */
  inApp?: boolean | undefined;
  contextLine?: string | undefined;
  /** In their order, as many as there are. */
  preContext?: string[] | undefined;
  postContext?: string[] | undefined;
  vars?: Record<string, string> | undefined;
  debugId?: string | undefined;
}

/** A frame in the domain's form. `inApp` is false for runtimes, dependencies and generated code, whatever the client says. */
export function frameOf(raw: RawFrame, platform: Platform): StackFrame {
  const file = plainFile(raw.file ?? "");
  const name = raw.function === "?" || raw.function === "" ? undefined : raw.function;
  const inApp = raw.inApp !== false && isAppCode(file, name ?? "", platform);
  const { line, column } = raw;
  // Hundreds of times an Event: what most frames have is put together at once, the rest added where it is there.
  const frame: StackFrame = present({ file: file === "" ? "<unknown>" : file, function: name, line, column, inApp });
  if (raw.contextLine !== undefined) frame.contextLine = raw.contextLine;
  // The nearest ones.
  if (raw.preContext !== undefined) frame.preContext = raw.preContext.slice(-CONTEXT_LINES);
  if (raw.postContext !== undefined) frame.postContext = raw.postContext.slice(0, CONTEXT_LINES);
  if (raw.vars !== undefined) frame.vars = raw.vars;
  if (raw.debugId !== undefined) frame.debugId = raw.debugId;
  return frame;
}

/** Whether a file and function of it are the app's own code, by their names. */
export function isAppCode(file: string, name: string, platform: Platform): boolean {
  if (FOREIGN_FILE.test(file)) return false;
  if (platform === "java") return !FOREIGN_CLASS.test(name);
  if (platform === "go") return !FOREIGN_GO.test(name);
  return true;
}

/** Without `file://`, and without query and fragment of a URL: they vary with each release and can carry tokens. */
function plainFile(file: string): string {
  const path = file.startsWith("file://") ? file.slice("file://".length) : file;
  return /^https?:\/\//.test(path) ? path.replace(/[?#].*$/s, "") : path;
}
