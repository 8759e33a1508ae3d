import type { ThrownMessage } from "./canonicalMessage.ts";

/** A kind of problem that a built-in grouping rule recognises by its message. */
export interface BuiltIn {
  /** The rule's name. It is part of the Fingerprint and of its explanation. */
  rule: string;
  /** What distinguishes two problems of one rule, such as a port. Empty if there is nothing. */
  detail: string;
  /** True if it is the same problem in every place, so that the place is not part of the Fingerprint. */
  anywhere: boolean;
}

const PORT = /:(\d{2,5})(?!\d)(?!.{0,300}:\d{2,5}(?!\d))/;

const CHUNK =
  /^(?:Loading (?:CSS )?chunk \S{1,100} failed|Failed to fetch dynamically imported module|error loading dynamically imported module|Importing a module script failed|Unable to preload CSS for )/;
const REFUSED = /\bECONNREFUSED\b|\bconnection refused\b|:econnrefused\b/i;
const RESET = /\bECONNRESET\b|\bEPIPE\b|\bconnection reset(?: by peer)?\b|\bsocket hang up\b|:closed\b/i;
const NO_HOST = /\bENOTFOUND\b|\bEAI_AGAIN\b|:nxdomain\b|\bgetaddrinfo\b/i;
const TIMEOUT =
  /\bETIMEDOUT\b|\bESOCKETTIMEDOUT\b|\btimed?[ -]?out\b|\btimeout (?:of|after|exceeded)\b|\bdeadline exceeded\b/i;

/** The built-in rule that matches an exception, or null. Only the first 1000 characters of the message are read. */
export function builtInOf({ type, value }: ThrownMessage): BuiltIn | null {
  const text = value.slice(0, 1000);
  if (type === "ChunkLoadError" || CHUNK.test(text)) return { rule: "chunk load", detail: "", anywhere: true };
  const port = PORT.exec(text)?.[1] ?? "";
  if (REFUSED.test(text)) return { rule: "connection refused", detail: port, anywhere: true };
  if (RESET.test(text)) return { rule: "connection reset", detail: port, anywhere: false };
  if (NO_HOST.test(text)) return { rule: "host not found", detail: "", anywhere: true };
  if (TIMEOUT.test(text)) return { rule: "timeout", detail: port, anywhere: false };
  return null;
}
