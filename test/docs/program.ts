import type { Command } from "commander";
import { auditCommand } from "../../src/cli/auditCommands.ts";
import { configCommands } from "../../src/cli/configCommands.ts";
import { demoCommand } from "../../src/cli/demo/command.ts";
import { doctorCommand } from "../../src/cli/doctor/doctorCommand.ts";
import { dsnCommand } from "../../src/cli/dsnCommand.ts";
import { healCommand } from "../../src/cli/healCommand.ts";
import { createProgram } from "../../src/cli/program.ts";
import { replayCommand } from "../../src/cli/replayCommand.ts";
import { serveCommand } from "../../src/cli/serveCommand.ts";

/** The whole program, to be asked what it knows: nothing of it can be run. */
export function wholeProgram(): Command {
  const never = () => {
    throw new Error("this program is only looked at");
  };
  const processes = { run: never };
  const paths = { defaultConfig: "", root: "", entry: "" };
  return createProgram({ stdout: { write: never }, stderr: { write: never }, env: {}, fetch: never }, [
    serveCommand({ ...paths, serve: never, stopped: never }),
    healCommand({ processes, healOnce: never }),
    replayCommand({ processes, replay: never }),
    demoCommand({ ...paths, clock: { now: never }, processes, untilStopped: never }),
    auditCommand({ verifyAuditIn: never }),
    configCommands({ ...paths, explain: never, check: never }),
    dsnCommand({ ...paths, read: never }),
    doctorCommand({
      ...paths,
      nodeVersion: "",
      processes,
      tryNativeModule: never,
      probeSandbox: never,
      readConfig: never,
      verifyAuditIn: never,
    }),
  ]);
}
