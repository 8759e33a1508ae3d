/** Keeps the head and the tail of a stream, so that a flood of output costs bounded memory and loses only its middle. */
export interface OutputBuffer {
  push(chunk: Buffer): void;
  text(): string;
}

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
      // Cut now and then rather than at each chunk: one copy a half of the cap.
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

/** How much of an output people are shown. */
const TAIL_LENGTH = 4096;

// biome-ignore-start lint/suspicious/noControlCharactersInRegex: removing control characters is the point
const ANSI = /\u001b(?:\[[0-?]*[ -/]*[@-~]|\][^\u0007\u001b]*(?:\u0007|\u001b\\)|[@-Z\\-_])/g;
const CONTROL = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f]/g;
// biome-ignore-end lint/suspicious/noControlCharactersInRegex: removing control characters is the point

/** Output without terminal escapes and control characters. Nothing else is taken out: there are no secrets in a sandbox. */
export function cleanText(output: string): string {
  return output.replace(ANSI, "").replace(/\r\n?/g, "\n").replace(CONTROL, "");
}

/** The last part of a cleaned output, at most 4096 characters, from the start of a line where possible. */
export function tailOf(cleaned: string): string {
  const text = cleaned.trimEnd();
  if (text.length <= TAIL_LENGTH) return text;
  const cut = text.slice(-TAIL_LENGTH);
  const line = cut.indexOf("\n");
  return line >= 0 && line < 512 ? cut.slice(line + 1) : cut;
}
