import { Command, CommanderError } from "commander";
import { InvalidInputError, messageOf } from "../domain/errors.ts";
import { addAnswerCommands } from "./answerCommands.ts";
import { addAutonomyCommands } from "./autonomyCommands.ts";
import { type CliCommand, CliError, type Io } from "./io.ts";
import { addIssueCommands } from "./issueCommands.ts";
import { addManualActionCommands } from "./manualActionCommands.ts";
import { addMemoryCommands } from "./memoryCommands.ts";
import { addPauseCommands } from "./pauseCommands.ts";
import { addRetentionCommand } from "./retentionCommand.ts";
import { addSourceMapCommands } from "./sourceMapCommands.ts";
import { addStatsCommand } from "./statsCommand.ts";
import { addSuppressCommands } from "./suppressCommands.ts";
import { addTicketCommands } from "./ticketCommands.ts";
import { addUserCommands } from "./userCommands.ts";

/**
 * The `selfheal` program: the commands that talk to a server, and those passed in (serve, heal, demo, doctor and
 * others).
 */
export function createProgram(io: Io, more: readonly CliCommand[] = []): Command {
  const program = new Command("selfheal")
    .description("Turns production exceptions into proven, shipped fixes, with receipts.")
    .exitOverride()
    .configureOutput({ writeOut: (text) => io.stdout.write(text), writeErr: (text) => io.stderr.write(text) })
    .showHelpAfterError("(selfheal --help lists the commands)");
  for (const add of [
    ...more,
    addTicketCommands,
    addAnswerCommands,
    addPauseCommands,
    addSuppressCommands,
    addAutonomyCommands,
    addManualActionCommands,
    addMemoryCommands,
    addRetentionCommand,
    addStatsCommand,
    addSourceMapCommands,
    addIssueCommands,
    addUserCommands,
  ])
    add(program, io);
  return program;
}

/** Runs a command and returns the exit code of the process. `argv` excludes node and the script. */
export async function runProgram(program: Command, argv: readonly string[], io: Io): Promise<number> {
  try {
    await program.parseAsync([...argv], { from: "user" });
    return 0;
  } catch (thrown) {
    // commander has already printed its own message.
    if (thrown instanceof CommanderError) return thrown.exitCode;
    const message = messageFor(thrown);
    if (message !== "") io.stderr.write(`${message}\n`);
    return thrown instanceof CliError ? thrown.exitCode : 1;
  }
}

/** The message of an error. Several faults of one input get a line each. */
function messageFor(thrown: unknown): string {
  if (!(thrown instanceof InvalidInputError) || thrown.faults.length < 2) return messageOf(thrown);
  const lines = thrown.faults.map(({ path, message }) => `  ${path === "" ? message : `${path}: ${message}`}`);
  return [`${thrown.code}: ${lines.length} faults`, ...lines].join("\n");
}
