import type { SandboxGrade } from "../evidence.ts";
import type { CommandSpec, ProcessResult } from "./processRunner.ts";
import type { Workspace } from "./workspace.ts";

export interface SandboxResult extends ProcessResult {
  /** What the command wrote into `$SELFHEAL_OUT`, by path; only where that was asked for. Written by untrusted code. */
  collected?: Record<string, string>;
}

/** Runs a command of untrusted code in a workspace: no network, no secrets, nothing writable but the workspace. */
export interface Sandbox {
  readonly grade: SandboxGrade;
  run(
    workspace: Workspace,
    spec: Omit<CommandSpec, "cwd"> & {
      /** Contents put into a read-only folder; the environment variable of each name holds its path. */
      files?: Record<string, string>;
      /** The host's network: only for an operator's setup command on the base. Default false. */
      network?: boolean;
      /** Gives the command a folder to write reports into (`$SELFHEAL_OUT`), and reads it afterwards. Default false. */
      collect?: boolean;
    },
  ): Promise<SandboxResult>;
}
