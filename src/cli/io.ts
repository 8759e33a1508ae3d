import type { Command } from "commander";

/** A stream that the command line writes to. */
interface Output {
  write(text: string): unknown;
  isTTY?: boolean | undefined;
}

/** The streams, environment and network of a command; a test replaces them. */
export interface Io {
  stdout: Output;
  stderr: Output;
  env: Readonly<Record<string, string | undefined>>;
  fetch: typeof fetch;
}

/** Adds one command, or a few related ones, to the program. */
export type CliCommand = (program: Command, io: Io) => void;

/** Ends a command with a message on stderr (none if it is empty) and an exit code. */
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
