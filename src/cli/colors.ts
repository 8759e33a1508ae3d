import type { Io } from "./io.ts";

const CODES = { bold: 1, dim: 2, red: 31, green: 32, yellow: 33, cyan: 36 } as const;

/** Wraps text in a terminal style, or returns it unchanged. */
export type Paint = (style: keyof typeof CODES, text: string) => string;

/** Colours text if stdout is a terminal and NO_COLOR (https://no-color.org) is not set. */
export function paintFor({ stdout, env }: Io): Paint {
  const coloured = stdout.isTTY === true && (env.NO_COLOR ?? "") === "";
  return (style, text) => (coloured ? `\u001b[${CODES[style]}m${text}\u001b[0m` : text);
}
