import type { Platform, StackFrame } from "../../domain/event.ts";
import { present } from "../protocols/fields.ts";

/** File names that belong to a runtime or to third-party code. */
const FOREIGN_FILE =
  /^$|^node:|^internal\/|(?:^|[\\/])node_modules[\\/]|^<|^\[?native|^(?:chrome|moz|safari-web)-extension:|(?:^|[\\/])(?:site|dist)-packages[\\/]|[\\/]lib[\\/]python\d|[\\/]go[\\/]src[\\/][^\\/.]+[\\/]|[\\/]pkg[\\/]mod[\\/]|^_testmain\.go$|^deps[\\/]/;

/** Source lines that are kept before and after a frame's own line. */
const CONTEXT_LINES = 5;

/** Java packages that are never the app's own. */
const FOREIGN_CLASS =
  /^(?:javax?|jdk|sun|com\.sun|kotlinx?|scala|groovy|org\.(?:springframework|apache|hibernate|junit|eclipse|slf4j)|io\.(?:netty|undertow|micrometer|grpc)|ch\.qos|reactor)\./;

/** Functions of Go's runtime, whatever file they are in. */
const FOREIGN_GO = /^(?:runtime|reflect|testing)[./]|^panic$/;

/** What a client may report about a frame. */
export interface RawFrame {
  file: string | undefined;
  function: string | undefined;
  line?: number | undefined;
  column?: number | undefined;
  /** What the client reports. It can only exclude a frame; it cannot make foreign code the app's own. */
  inApp?: boolean | undefined;
  contextLine?: string | undefined;
  /** In source order, any number of lines. */
  preContext?: string[] | undefined;
  postContext?: string[] | undefined;
  vars?: Record<string, string> | undefined;
  debugId?: string | undefined;
}

/**
 * Converts a frame to the domain's form. `inApp` is false for runtimes, dependencies and generated code, whatever the
 * client reports.
 */
export function frameOf(raw: RawFrame, platform: Platform): StackFrame {
  const file = plainFile(raw.file ?? "");
  const name = raw.function === "?" || raw.function === "" ? undefined : raw.function;
  const inApp = raw.inApp !== false && isAppCode(file, name ?? "", platform);
  const { line, column } = raw;
  // This runs hundreds of times per Event. The fields that most frames have are set at once; others are added if
  // present.
  const frame: StackFrame = present({ file: file === "" ? "<unknown>" : file, function: name, line, column, inApp });
  if (raw.contextLine !== undefined) frame.contextLine = raw.contextLine;
  // Keeps the lines nearest to the frame.
  if (raw.preContext !== undefined) frame.preContext = raw.preContext.slice(-CONTEXT_LINES);
  if (raw.postContext !== undefined) frame.postContext = raw.postContext.slice(0, CONTEXT_LINES);
  if (raw.vars !== undefined) frame.vars = raw.vars;
  if (raw.debugId !== undefined) frame.debugId = raw.debugId;
  return frame;
}

/** Whether a function in a file is the app's own code, judged by the names. */
export function isAppCode(file: string, name: string, platform: Platform): boolean {
  if (FOREIGN_FILE.test(file)) return false;
  if (platform === "java") return !FOREIGN_CLASS.test(name);
  if (platform === "go") return !FOREIGN_GO.test(name);
  return true;
}

/** Removes `file://`, and query and fragment of a URL, because they vary with each release and can contain tokens. */
function plainFile(file: string): string {
  const path = file.startsWith("file://") ? file.slice("file://".length) : file;
  return /^https?:\/\//.test(path) ? path.replace(/[?#].*$/s, "") : path;
}
