import type { ThrownMessage } from "./canonicalMessage.ts";

/** A problem that is the same wherever it comes up. */
export interface BuiltIn {
  /** Its name, which is part of the fingerprint and of what is said about it. */
  rule: string;
  /** What tells two of them apart: a port, a code. */
  detail: string;
  /** Whether the place counts as well. */
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

/** The built-in rule that an exception falls under, or null. The text is looked at up to 1000 characters. */
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
