import { type JsonLimits, parseJson } from "../../transport/json.ts";

/** One item: its header, and its payload as it came. */
export interface EnvelopeItem {
  header: Record<string, unknown>;
  payload: Uint8Array;
  /** Whether the payload ended before its announced length. */
  isCut: boolean;
}

export interface Envelope {
  header: Record<string, unknown>;
  items: EnvelopeItem[];
  /** Stretches between items that could not be read as one. */
  broken: number;
}

const NEWLINE = 10;
/** No SDK writes a longer header; one line of it is parsed as JSON. */
const MAX_HEADER = 16_384;

/**
 * Takes an envelope apart: a line of headers, then for each item a line of headers and a payload, which ends at its `length`,
 * or without one at the end of its line. A wrong length, or a line that is no header, costs that item and not the others.
 * Null when not even the envelope's own header can be read.
 */
export function frameEnvelope(
  bytes: Uint8Array,
  limits: JsonLimits & { maxItemsPerEnvelope: number },
): Envelope | null {
  let at = 0;
  const line = (): Uint8Array => {
    const end = bytes.indexOf(NEWLINE, at);
    const text = bytes.subarray(at, end < 0 ? bytes.length : end);
    at = end < 0 ? bytes.length : end + 1;
    return text;
  };
  const header = objectOf(line(), limits);
  if (header === null) return null;
  const envelope: Envelope = { header, items: [], broken: 0 };
  let isLost = false;
  while (at < bytes.length && envelope.items.length + envelope.broken < limits.maxItemsPerEnvelope) {
    const text = line();
    if (isBlank(text)) continue;
    const itemHeader = objectOf(text, limits);
    if (typeof itemHeader?.type !== "string") {
      // Everything up to the next header is one loss.
      if (!isLost) envelope.broken++;
      isLost = true;
      continue;
    }
    isLost = false;
    const end = endOfPayload(bytes, at, itemHeader.length);
    const isCut = typeof itemHeader.length === "number" && itemHeader.length > bytes.length - at;
    const payload = end === null ? line() : bytes.subarray(at, end);
    if (end !== null) at = end + 1;
    envelope.items.push({ header: itemHeader, payload, isCut });
  }
  if (at < bytes.length) envelope.broken++;
  return envelope;
}

/** Where a payload of an announced length ends; null where there is none, or it does not end at a line's end: then the line tells. */
function endOfPayload(bytes: Uint8Array, at: number, length: unknown): number | null {
  if (typeof length !== "number" || !Number.isSafeInteger(length) || length < 0) return null;
  const end = at + length;
  return end === bytes.length || bytes[end] === NEWLINE ? end : null;
}

function objectOf(line: Uint8Array, limits: JsonLimits): Record<string, unknown> | null {
  if (line.length > MAX_HEADER || line[0] !== 0x7b) return null;
  const json = parseJson(line, limits);
  const isObject = json.kind === "value" && typeof json.value === "object" && json.value !== null;
  return isObject ? (json.value as Record<string, unknown>) : null;
}

function isBlank(line: Uint8Array): boolean {
  return line.length === 0 || (line.length === 1 && line[0] === 13);
}
