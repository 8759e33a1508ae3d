import { type JsonLimits, parseJson } from "../../transport/json.ts";

/** One item: its header, and its payload unparsed. */
export interface EnvelopeItem {
  header: Record<string, unknown>;
  payload: Uint8Array;
  /** Whether the payload ended before its declared length. */
  isCut: boolean;
}

export interface Envelope {
  header: Record<string, unknown>;
  items: EnvelopeItem[];
  /** Number of sections between items that could not be read as an item. */
  broken: number;
}

const NEWLINE = 10;
/** Maximum length of a header line in bytes, because the line is parsed as JSON. No SDK writes a longer one. */
const MAX_HEADER = 16_384;

/**
 * Splits an envelope: a header line, then a header line and a payload for each item. The payload ends after its
 * `length`, or at the end of its line if it has no `length`. A wrong length, or a line that is not a header, loses that
 * item and not the others. Null if the envelope's own header cannot be read.
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
      // All lines up to the next header count as one loss.
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

/**
 * The end of a payload with a declared length. Null if no length is declared, or if the length does not end at the end
 * of a line. The payload is one line then.
 */
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
