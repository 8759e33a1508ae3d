import type { Command } from "commander";
import type { AuditCheck } from "../../domain/auditChain.ts";
import type { ProcessRunner } from "../../domain/ports/processRunner.ts";
import type { SandboxProbe } from "../../domain/ports/sandbox.ts";
import { paintFor } from "../colors.ts";
import { type CliCommand, CliError, type Io, printJson, printLine } from "../io.ts";
import { type ServerOptions, serverToken, serverUrl } from "../restClient.ts";
import { checkAuditLog, checkDataDir, checkModel, checkServices, readConfiguration } from "./configChecks.ts";
import type { DoctorConfig, Finding } from "./finding.ts";
import { checkGit, checkNativeModule, checkNode, checkSandbox, checkServer } from "./machineChecks.ts";

/** What the doctor command needs from the composition root. */
export interface DoctorDeps {
  /** In the form of `process.versions.node`. */
  nodeVersion: string;
  processes: ProcessRunner;
  /** Loads the database's native module; throws if this Node.js cannot load it. */
  tryNativeModule: () => void;
  probeSandbox: () => Promise<SandboxProbe>;
  /** Reads and checks the file; throws InvalidInputError or SelfhealError `config`. */
  readConfig: (file: string) => DoctorConfig;
  /** Path of the configuration file if none is given. */
  defaultConfig: string;
  /** Verifies the audit log of a data folder. */
  verifyAuditIn: (dataDir: string) => Promise<AuditCheck>;
}

interface DoctorOptions extends ServerOptions {
  config?: string;
  json?: true;
}

/**
 * `selfheal doctor`: checks the machine, the configuration and the server, and says how to correct each fault. Exits
 * with 1 on any ✗.
 */
export function doctorCommand(deps: DoctorDeps): CliCommand {
  return (program: Command, io: Io) => {
    program
      .command("doctor")
      .description("check this machine and the configuration, and say what to do")
      .option("--config <file>", `the configuration file (default: ${deps.defaultConfig})`)
      .option("--url <url>", "where the server is (or SELFHEAL_URL)")
      .option("--token <token>", "the admin token (or SELFHEAL_TOKEN)")
      .option("--json", "print JSON")
      .action(async (options: DoctorOptions) => {
        const findings = await examine(deps, io, options);
        if (options.json) printJson(io, { findings });
        else for (const finding of findings) printLine(io, rendered(finding, io));
        const faults = findings.filter((f) => f.mark === "bad").length;
        if (faults > 0) throw new CliError(options.json ? "" : `\n${faults} of ${findings.length} checks failed.`);
      });
  };
}

async function examine(deps: DoctorDeps, io: Io, options: DoctorOptions): Promise<Finding[]> {
  const { config, findings } = readConfiguration(options.config ?? deps.defaultConfig, deps.readConfig);
  return [
    checkNode(deps.nodeVersion),
    checkNativeModule(deps.tryNativeModule, deps.nodeVersion),
    await checkGit(deps.processes),
    await checkSandbox(deps.probeSandbox, config),
    ...findings,
    ...(config === null
      ? []
      : [
          ...(await checkServices(config.services, deps.processes)),
          await checkDataDir(config.dataDir),
          await checkAuditLog(config.dataDir, deps.verifyAuditIn),
          checkModel(config, io.env),
        ]),
    await checkServer(io.fetch, serverUrl(io, options), serverToken(io, options)),
  ];
}

const MARKS = { good: "✓", bad: "✗", note: "–" } as const;
const COLOURS = { good: "green", bad: "red", note: "yellow" } as const;

function rendered({ mark, what, todo }: Finding, io: Io): string {
  const line = `${paintFor(io)(COLOURS[mark], MARKS[mark])} ${what}`;
  return todo === undefined ? line : `${line}\n    ${todo}`;
}
