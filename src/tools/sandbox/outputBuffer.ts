/** Keeps the head and the tail of a stream. A flood of output costs bounded memory and loses only its middle. */
export interface OutputBuffer {
  push(chunk: Buffer): void;
  text(): string;
}

/** A buffer that keeps at most about `maxBytes` bytes: half for the head, half for the tail. */
export function createOutputBuffer(maxBytes: number): OutputBuffer {
  const half = Math.floor(maxBytes / 2);
  const head: Buffer[] = [];
  let headBytes = 0;
  let tail: Buffer[] = [];
  let tailBytes = 0;
  let dropped = 0;
  return {
    push(chunk) {
      const room = half - headBytes;
      if (room > 0) {
        const part = chunk.subarray(0, room);
        head.push(part);
        headBytes += part.length;
      }
      const rest = chunk.subarray(Math.max(room, 0));
      if (rest.length === 0) return;
      tail.push(rest);
      tailBytes += rest.length;
      // Trims only when the tail has doubled, so each byte is copied about once.
      if (tailBytes > 2 * half) {
        const kept = Buffer.concat(tail).subarray(-half);
        dropped += tailBytes - kept.length;
        tail = [kept];
        tailBytes = kept.length;
      }
    },
    text() {
      const all = Buffer.concat(tail);
      const kept = all.length > half ? all.subarray(-half) : all;
      const lost = dropped + all.length - kept.length;
      const gap = lost > 0 ? `\n[… ${lost} bytes left out …]\n` : "";
      return Buffer.concat(head).toString("utf8") + gap + kept.toString("utf8");
    },
  };
}

/** Characters of an output that are shown to people. */
const TAIL_LENGTH = 4096;

// biome-ignore-start lint/suspicious/noControlCharactersInRegex: removing control characters is the point
const ANSI = /\u001b(?:\[[0-?]*[ -/]*[@-~]|\][^\u0007\u001b]*(?:\u0007|\u001b\\)|[@-Z\\-_])/g;
const CONTROL = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f]/g;
// biome-ignore-end lint/suspicious/noControlCharactersInRegex: removing control characters is the point

/** Output without terminal escapes and control characters. Nothing is scrubbed, because a sandbox has no secrets. */
export function cleanText(output: string): string {
  return output.replace(ANSI, "").replace(/\r\n?/g, "\n").replace(CONTROL, "");
}

/** The last part of a cleaned output, at most 4096 characters, from a line start if one is near. */
export function tailOf(cleaned: string): string {
  const text = cleaned.trimEnd();
  if (text.length <= TAIL_LENGTH) return text;
  const cut = text.slice(-TAIL_LENGTH);
  const line = cut.indexOf("\n");
  return line >= 0 && line < 512 ? cut.slice(line + 1) : cut;
}
