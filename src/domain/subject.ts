import { isRandomText } from "./randomText.ts";
import type { Ticket } from "./ticket.ts";

/** How languages name their exceptions: `TypeError`, `java.io.IOException`, `Ecto.NoResultsError`, `KeyboardInterrupt`. */
const TYPE =
  /^(?:[A-Za-z_$][\w$]{0,40}[.:$]{1,2}){0,6}[A-Z][A-Za-z0-9]{0,48}(?:Error|Exception|Warning|Interrupt|Failure|Fault|Panic|Exit|Iteration)$/;
/** A name in JavaScript, Python or Elixir, with its class or module. */
const NAME = /^(?:[#A-Za-z_$][\w$]{0,64}\.){0,4}[#A-Za-z_$][\w$]{0,64}[?!]?$/;
/** A path in a repository. */
const PATH = /^[\w@+(][\w@+()[\]. -]{0,80}(?:\/[\w@+()[\]. -]{1,80}){0,16}$/;

/**
 * The exception's type, if it has the form of one. Whoever sends an Event chooses its type, so anything else is only
 * "exception".
 */
export function safeType(type: string): string {
  const stem = type.replace(/(?:Error|Exception)$/, "");
  return type.length <= 100 && TYPE.test(type) && !isRandomText(stem, 12) ? type : "exception";
}

/** A function's name, if it is a name in the code; else null. */
export function safeName(name: string | undefined): string | null {
  return name !== undefined && NAME.test(name) && !isRandomText(name) ? name : null;
}

/** A release, if it has the form of a version or a commit; else "unusual". */
export function safeRelease(release: string): string {
  return /^[\w.@+:/-]{1,128}$/.test(release) ? release : "unusual";
}

/** A path, if it has the form of one; else null. */
export function safePath(path: string): string | null {
  return PATH.test(path) ? path : null;
}

/** The property that the exception names, if the crashing line of the repository has it; else null. */
export function propertyOf({
  title,
  plan,
  surroundings,
}: Pick<Ticket, "title" | "plan" | "surroundings">): string | null {
  const name = /(?:reading|setting|property|attribute|key) ['":]{1,2}([A-Za-z_$][\w$]{0,63})/.exec(title)?.[1];
  const [place] = plan?.places ?? [];
  const line = surroundings?.cited.find((one) => one.file === place?.file && one.line === place.line)?.text ?? "";
  return name !== undefined && line.split(/[^\w$]+/).includes(name) ? name : null;
}

/**
 * What a ticket is about, without a word of the Event's message: `TypeError in city (src/cart.js:12)`. For commit
 * messages, subjects of mails and titles of notifications and pull requests.
 */
export function subjectOf(ticket: Pick<Ticket, "title" | "plan" | "service">): string {
  const type = safeType(ticket.title.split(":", 1)[0] ?? "");
  const [place] = ticket.plan?.places ?? [];
  const file = place === undefined ? null : safePath(place.file);
  if (place === undefined || file === null) return `${type} in ${ticket.service}`;
  const name = safeName(place.function);
  return name === null ? `${type} at ${file}:${place.line}` : `${type} in ${name} (${file}:${place.line})`;
}
