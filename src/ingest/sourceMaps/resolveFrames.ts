import type { CapturedEvent, Exception, StackFrame } from "../../domain/event.ts";
import type { IngestCount } from "../../domain/ingestCount.ts";
import { redactText } from "../privacy/redactText.ts";
import { isAppCode } from "../stacks/frame.ts";
import type { SourceMaps, SourcePlace } from "./maps.ts";

/** Resolves frames of built code to their sources. A frame that cannot be resolved stays unchanged. */
export type ResolveFrames = (event: CapturedEvent) => Promise<CapturedEvent>;

export interface ResolveDeps {
  maps: SourceMaps;
  /** The folder with a service's maps on this machine. Undefined: only uploaded maps are used. */
  folderOf: (service: string) => string | undefined;
  /** Counts the outcome for an Event. */
  count: (count: IngestCount) => void;
}

/** Code that a bundler adds itself. */
const BUNDLER = /^(?:\(webpack\)|webpack\/|vite\/|\0|external |ignored\||synthetic:|<)/;

/**
 * Creates the resolver. It replaces built places by source places, and keeps the built place in the frame's
 * `generated`. Idempotent. The work is bounded by the 200 frames of an exception and by the size limits of maps.
 */
export function createFrameResolver({ maps, folderOf, count }: ResolveDeps): ResolveFrames {
  return async (event) => {
    if (![event.exception, ...event.causes].some(({ frames }) => frames.some(isBuilt))) return event;
    const { project, release } = event;
    const where = { project, release, folder: folderOf(event.service) };
    const seen = { mapped: false, faults: new Set<string>() };
    const frameOf = async (frame: StackFrame): Promise<StackFrame> => {
      if (!isBuilt(frame)) return frame;
      const place = { ...where, file: frame.file, debugId: frame.debugId };
      const found = await maps.find(place, frame.line, frame.column);
      if (found.kind === "broken") seen.faults.add(found.reason);
      if (found.kind !== "found") return frame;
      seen.mapped = true;
      return mapped(frame, found.place);
    };
    const exceptionOf = async (exception: Exception): Promise<Exception> => {
      const frames: StackFrame[] = [];
      for (const frame of exception.frames) frames.push(await frameOf(frame));
      return { ...exception, value: await messageFor(exception, frames[0]), frames };
    };
    /** The message, with the source's name instead of a minified name of one or two letters. */
    const messageFor = async ({ value }: Exception, top: StackFrame | undefined): Promise<string> => {
      const short = shortName(value);
      if (short === null || top?.generated === undefined) return value;
      const { file, line, column } = top.generated;
      const name = await maps.nameAt({ ...where, file, debugId: top.debugId }, line, column - short.before);
      return name === null ? value : `${value.slice(0, short.start)}${name}${value.slice(short.end)}`;
    };
    const exception = await exceptionOf(event.exception);
    const causes: Exception[] = [];
    for (const cause of event.causes) causes.push(await exceptionOf(cause));
    for (const reason of seen.faults) count({ project, outcome: "unmapped", reason, events: 1 });
    if (!seen.mapped) return event;
    count({ project, outcome: "mapped", reason: "", events: 1 });
    return { ...event, exception, causes };
  };
}

interface ShortName {
  /** Position of the name in the message. */
  start: number;
  end: number;
  /** Characters between the name and the place that the runtime reports, which is the place of the last property. */
  before: number;
}

/**
 * Finds the name of at most two letters that a message is about: `n is not a function`, `n.cart.add is not a function`.
 */
function shortName(value: string): ShortName | null {
  const called = /^([A-Za-z_$][\w$]?)((?:\.[\w$]{1,80}){0,4}) is not (?:a function|a constructor|iterable)/.exec(value);
  if (called !== null) {
    const [, name = "", path = ""] = called;
    const before = path === "" ? 0 : name.length + path.lastIndexOf(".") + 1;
    return { start: 0, end: name.length, before };
  }
  const early = /^Cannot access '([A-Za-z_$][\w$]?)' before initialization/.exec(value);
  if (early === null) return null;
  const start = "Cannot access '".length;
  return { start, end: start + (early[1]?.length ?? 0), before: 0 };
}

type BuiltFrame = StackFrame & { line: number; column: number };

/** Whether a frame can be in a file that has a map. It needs a column, because a bundle can be a single line. */
function isBuilt(frame: StackFrame): frame is BuiltFrame {
  const { line = 0, column = 0 } = frame;
  return frame.generated === undefined && frame.inApp && line > 0 && column > 0 && /\.[cm]?jsx?$/.test(frame.file);
}

function mapped(frame: BuiltFrame, place: SourcePlace): StackFrame {
  const { contextLine: _built, preContext: _before, postContext: _after, function: printed, ...rest } = frame;
  const name = place.function ?? plainName(printed);
  return {
    ...rest,
    file: place.file,
    line: place.line,
    column: place.column,
    ...(name !== undefined && { function: name.slice(0, 256) }),
    ...(place.text !== undefined && { contextLine: redactText(place.text.slice(0, 2000), "quoted").slice(0, 2048) }),
    inApp: isAppCode(place.file, name ?? "", "browser") && !BUNDLER.test(place.file),
    generated: {
      file: frame.file,
      line: frame.line,
      column: frame.column,
      ...(printed !== undefined && { function: printed }),
    },
  };
}

/** A name that was not minified. Shorter names change with the next build. */
function plainName(printed: string | undefined): string | undefined {
  return printed !== undefined && printed.slice(printed.lastIndexOf(".") + 1).length > 2 ? printed : undefined;
}
