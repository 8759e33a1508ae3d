import type { Command } from "commander";

/** A stream that the command line writes to. */
interface Output {
  write(text: string): unknown;
  isTTY?: boolean | undefined;
}

/** The outside world of a command. */
export interface Io {
  stdout: Output;
  stderr: Output;
  env: Readonly<Record<string, string | undefined>>;
  fetch: typeof fetch;
}

/** Adds one command (or a few that belong together) to the program. */
export type CliCommand = (program: Command, io: Io) => void;

/** Ends a command: the message goes to stderr (nothing when it is empty), the code to the shell. */
export class CliError extends Error {
  readonly exitCode: number;

  constructor(message: string, exitCode = 1, options?: { cause?: unknown }) {
    super(message, options);
    this.name = "CliError";
    this.exitCode = exitCode;
  }
}

export function printLine(io: Io, text = ""): void {
  io.stdout.write(`${text}\n`);
}

export function printJson(io: Io, value: unknown): void {
  printLine(io, JSON.stringify(value, null, 2));
}
