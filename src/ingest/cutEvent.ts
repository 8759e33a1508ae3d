import type { CapturedEvent, CapturedRequest, Exception, StackFrame } from "../domain/event.ts";
import { present } from "./protocols/fields.ts";

/**
 * Characters of one Event that are searched for secrets at all. A request is bounded in bytes, but the search costs much
 * more a byte than its transport, and whoever has a public key may send thousands of requests a minute.
 */
const MAX_CHARACTERS = 160_000;
/** What each text costs besides its characters, in characters: a thousand short texts cost more than one long text. */
const PER_TEXT = 32;
/** Frames of an exception and its causes together. An exception alone keeps 200, as the domain does. */
const MAX_FRAMES = 400;
const MAX_FRAMES_EACH = 200;
const MAX_CAUSES = 10;
const MAX_ENTRIES = 64;
/** A text may be this much longer than what is kept of it, because a secret becomes shorter when it is replaced. */
const MARGIN = 1024;

/** The parts of an Event that can be cut, as they are named in its tag and in the counters. */
export type CutPart = "message" | "stack" | "source" | "variables" | "causes" | "request" | "tags" | "extra" | "other";

/** An Event that was cut, and what was cut of it. */
export interface CutEvent {
  event: CapturedEvent;
  cuts: CutPart[];
}

/**
 * Cuts an Event to a bounded number of texts, frames, entries and characters, before anything searches it. What a
 * repair needs most has the room first: the exception and the places of its frames, its causes, the request's URL, tags,
 * source lines, variables; then the request's body, and extra. A text is cut at the end of a word, so that no half of a
 * secret is left that no pattern knows. Pure. An Event within the limits is returned as it is.
 */
export function cutEvent(event: CapturedEvent): CutEvent {
  const room = new Room();
  const exception = places(event.exception, room, "stack");
  const causes = cutList(event.causes, MAX_CAUSES, room, "causes").map((cause) => places(cause, room, "causes"));
  const request = event.request && { ...event.request, ...address(event.request, room) };
  const cut = {
    ...event,
    environment: event.environment && room.text(event.environment, 128, "other"),
    release: event.release && room.text(event.release, 256, "other"),
    exception,
    causes,
    request,
    tags: room.map(event.tags, 512, "tags"),
  };
  cut.exception = details(exception, room);
  cut.causes = causes.map((cause) => details(cause, room));
  if (request !== undefined) cut.request = contents(request, room);
  cut.extra = room.map(event.extra, 8192, "extra");
  const cuts = room.cuts();
  return cuts.length === 0 ? { event, cuts } : { event: present(cut) as CapturedEvent, cuts };
}

/** Type, message and frames' places of an exception. Frames that do not fit are left out, the oldest ones first. */
function places(exception: Exception, room: Room, part: "stack" | "causes"): Exception {
  const { type, value } = exception;
  const isCause = part === "causes";
  const head = {
    type: room.text(type, 256, isCause ? part : "message"),
    value: room.text(value, 8192, isCause ? part : "message"),
  };
  const frames: StackFrame[] = [];
  for (const frame of exception.frames) {
    const size = Math.min(frame.file.length, 1024) + Math.min(frame.function?.length ?? 0, 256);
    if (frames.length >= MAX_FRAMES_EACH || !room.frame(size)) {
      room.note(part);
      break;
    }
    frames.push(
      present({
        ...frame,
        file: room.text(frame.file, 1024, part),
        function: frame.function && room.text(frame.function, 256, part),
      }),
    );
  }
  return { ...head, frames };
}

/** Source lines and variables of the frames, the newest frame first. A frame that has no room loses them. */
function details(exception: Exception, room: Room): Exception {
  const frames = exception.frames.map((frame) => {
    const { contextLine, preContext, postContext, vars } = frame;
    if (contextLine === undefined && preContext === undefined && postContext === undefined && vars === undefined) {
      return frame;
    }
    return present({
      ...frame,
      contextLine: contextLine && room.optional(contextLine, 2048, "source"),
      preContext: preContext && room.lines(preContext, 512),
      postContext: postContext && room.lines(postContext, 512),
      vars: vars && room.map(vars, 4096, "variables"),
    });
  });
  return { ...exception, frames };
}

function address(request: CapturedRequest, room: Room): Pick<CapturedRequest, "method" | "url"> {
  return { method: room.text(request.method, 16, "request"), url: room.text(request.url, 8192, "request") };
}

function contents(request: CapturedRequest, room: Room): CapturedRequest {
  return present({
    ...request,
    headers: room.map(request.headers, 2048, "request"),
    body: request.body && room.optional(request.body, 65_536, "request"),
  });
}

function cutList<T>(list: readonly T[], max: number, room: Room, part: CutPart): readonly T[] {
  if (list.length <= max) return list;
  room.note(part);
  return list.slice(0, max);
}

/** What is left of an Event's room, and what was cut for want of it. */
class Room {
  #characters = MAX_CHARACTERS;
  #frames = MAX_FRAMES;
  readonly #cuts = new Set<CutPart>();

  note(part: CutPart): void {
    this.#cuts.add(part);
  }

  cuts(): CutPart[] {
    return [...this.#cuts].toSorted();
  }

  /** Takes the place of one more frame. False if there is none. */
  frame(size: number): boolean {
    if (this.#frames === 0 || size + 2 * PER_TEXT > this.#characters) return false;
    this.#frames--;
    return true;
  }

  /** A text of which at most `max` characters are kept in the end. */
  text(given: string, max: number, part: CutPart): string {
    const limit = Math.min(max + MARGIN, Math.max(0, this.#characters - PER_TEXT));
    const text = given.length <= limit ? given : wholeWords(given.slice(0, limit));
    if (text !== given) this.note(part);
    this.#characters -= text.length + PER_TEXT;
    return text;
  }

  /** A text that is left out if there is no room for any of it. */
  optional(given: string, max: number, part: CutPart): string | undefined {
    const text = this.text(given, max, part);
    return text === "" && given !== "" ? undefined : text;
  }

  lines(given: readonly string[], max: number): string[] | undefined {
    const lines = given.map((line) => this.optional(line, max, "source"));
    return lines.includes(undefined) ? undefined : (lines as string[]);
  }

  map(given: Record<string, string>, max: number, part: CutPart): Record<string, string> {
    const entries = Object.entries(given);
    const kept = cutList(entries, MAX_ENTRIES, this, part).flatMap(([key, value]) => {
      const name = this.text(key, 128, part);
      const text = this.optional(value, max, part);
      return text === undefined || (name === "" && key !== "") ? [] : [[name, text] as const];
    });
    return Object.fromEntries(kept);
  }
}

/** How far back a cut looks for the end of a word. A longer word is left out as far as that. */
const LONGEST_WORD = 1024;
/** How far back a cut looks for the start of a number: a card number with its blanks. */
const LONGEST_NUMBER = 40;

/**
 * A text that was cut, without its last word and without the digits before that, of which the rest may be missing: half a
 * token matches no pattern, and half a card number is still most of it.
 */
function wholeWords(text: string): string {
  let end = text.length;
  const first = Math.max(0, end - LONGEST_WORD);
  while (end > first && !END_OF_WORD.has(text.charCodeAt(end - 1))) end--;
  const digits = Math.max(0, end - LONGEST_NUMBER);
  while (end > digits && DIGITS.has(text.charCodeAt(end - 1))) end--;
  return text.slice(0, end);
}

const codesOf = (text: string) => new Set(Array.from(text, (char) => char.charCodeAt(0)));
const END_OF_WORD = codesOf(" \t\n\r\"'`<>(){}[]|,;\\");
const DIGITS = codesOf("0123456789 -");
