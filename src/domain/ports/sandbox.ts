import type { SandboxGrade } from "../evidence.ts";
import type { CommandSpec, ProcessResult } from "./processRunner.ts";
import type { Workspace } from "./workspace.ts";

/** How a sandboxed command ended. */
export interface SandboxResult extends ProcessResult {
  /**
   * The files that the command wrote into `$SELFHEAL_OUT`, by path; only with `collect`. Untrusted: the command wrote
   * them.
   */
  collected?: Record<string, string>;
}

/**
 * Runs a command of untrusted code in a Workspace: without network and secrets, and with nothing writable except the
 * Workspace.
 * @example
 * const { end, stdout } = await sandbox.run(workspace, { command: "npm test", timeoutMs: 120_000 });
 */
export interface Sandbox {
  readonly grade: SandboxGrade;
  run(
    workspace: Workspace,
    spec: Omit<CommandSpec, "cwd"> & {
      /**
       * Contents by the name of an environment variable. Each is written to a read-only folder, and the variable
       * contains its path.
       */
      files?: Record<string, string>;
      /** Allows the host's network. Only for an operator's setup command on the base commit. Default false. */
      network?: boolean;
      /** Gives the command a folder for reports (`$SELFHEAL_OUT`) and reads it afterwards. Default false. */
      collect?: boolean;
    },
  ): Promise<SandboxResult>;
}

/** What `doctor` learns of this machine's sandbox. */
export interface SandboxProbe {
  grade: SandboxGrade;
  /** What the self-test asked the kernel for, and was refused. */
  checked: readonly string[];
  /** Why each stronger grade does not work here. */
  weakness: readonly string[];
}
