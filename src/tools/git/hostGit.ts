import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { simpleGit } from "simple-git";
import { messageOf, SelfhealError } from "../../domain/errors.ts";
import { defaultPath } from "../sandbox/processRunner.ts";

/** A git command that failed. Error code `git`. `exitCode` is the exit code of git. */
export class GitError extends SelfhealError {
  readonly exitCode: number;

  constructor(args: readonly string[], exitCode: number, stderr: string) {
    super("git", `git ${args[0] ?? ""} failed (exit ${exitCode}): ${stderr.trim().slice(0, 2000)}`);
    this.name = "GitError";
    this.exitCode = exitCode;
  }
}

/**
 * The repository, working tree and index that git works on. They are explicit, so that git never discovers any of them.
 */
export interface GitPlace {
  gitDir: string;
  workTree?: string;
}

/** Options of one git command. */
interface GitCall {
  /** Standard input. Must not be empty: simple-git would leave the pipe open, and git would wait for ever. */
  input?: string | Buffer;
  /** Date of a commit, in milliseconds since the epoch. */
  at?: number;
  signal?: AbortSignal;
}

/**
 * Runs host git at one place and returns its stdout. Throws GitError, or SelfhealError `git` if git could not run.
 *
 * @example
 * const id = (await git(["rev-parse", "--verify", "HEAD"])).trim();
 */
export type Git = (args: readonly string[], call?: GitCall) => Promise<string>;

/**
 * Settings passed on the command line, which override every file. A poisoned repository configuration therefore cannot
 * enable a hook, a file system monitor (run even by `git status`), an embedded bare repository, or a command as
 * transport.
 */
const SETTINGS = [
  "core.fsmonitor=false",
  "core.hooksPath=/dev/null",
  "safe.bareRepository=explicit",
  "protocol.ext.allow=never",
  "core.quotePath=false",
  "core.untrackedCache=false",
  "gc.auto=0",
  "maintenance.auto=false",
  "submodule.recurse=false",
  "commit.gpgSign=false",
];

/**
 * The only global configuration that selfheal's git reads. Processes started by git read it too; `-c` does not reach
 * them. It turns the ownership check off: the operator names every repository, and a repository may belong to another
 * user.
 */
const GLOBAL_CONFIG = "[safe]\n\tdirectory = *\n\tbareRepository = explicit\n[core]\n\thooksPath = /dev/null\n";

const AUTHOR = { name: "selfheal", email: "selfheal@localhost" };

/** The only place that runs host git. `dir` is created, and stores git's configuration and an empty folder. */
export async function createHostGit(dir: string): Promise<{ at(place: GitPlace): Git; emptyDir: string }> {
  const emptyDir = join(dir, "empty");
  const configFile = join(dir, "gitconfig");
  await mkdir(emptyDir, { recursive: true });
  await writeFile(configFile, GLOBAL_CONFIG);
  return {
    emptyDir,
    at: (place) => (args, call) => runGit(args, call ?? {}, emptyDir, environment(place, configFile, call?.at)),
  };
}

function environment(place: GitPlace, configFile: string, at: number | undefined): Record<string, string> {
  const env: Record<string, string> = {
    PATH: defaultPath(),
    LANG: "C.UTF-8",
    LC_ALL: "C.UTF-8",
    HOME: "/nonexistent",
    GIT_CONFIG_NOSYSTEM: "1",
    GIT_CONFIG_GLOBAL: configFile,
    GIT_TERMINAL_PROMPT: "0",
    GIT_DIR: place.gitDir,
    GIT_AUTHOR_NAME: AUTHOR.name,
    GIT_AUTHOR_EMAIL: AUTHOR.email,
    GIT_COMMITTER_NAME: AUTHOR.name,
    GIT_COMMITTER_EMAIL: AUTHOR.email,
  };
  if (place.workTree !== undefined) env.GIT_WORK_TREE = place.workTree;
  if (at !== undefined) {
    const date = `@${Math.floor(at / 1000)} +0000`;
    env.GIT_AUTHOR_DATE = date;
    env.GIT_COMMITTER_DATE = date;
  }
  return env;
}

async function runGit(
  args: readonly string[],
  call: GitCall,
  cwd: string,
  env: Record<string, string>,
): Promise<string> {
  let exitCode = -1;
  let stderr = "";
  const { input, signal } = call;
  if (input !== undefined && input.length === 0) throw new SelfhealError("git", "git was given an empty input");
  const git = simpleGit({
    baseDir: cwd,
    config: SETTINGS,
    allowEnvironment: Object.keys(env).filter((name) => name.startsWith("GIT_")),
    // simple-git blocks these settings because untrusted input could set them. Here they are constants.
    unsafe: {
      allowUnsafeFsMonitor: true,
      allowUnsafeHooksPath: true,
      allowUnsafeProtocolOverride: true,
      allowUnsafeConfigPaths: true,
    },
    ...(input === undefined ? {} : { input: () => input }),
    ...(signal === undefined ? {} : { abort: signal }),
    completion: { onClose: true, onExit: false },
    errors(error, result) {
      exitCode = result.exitCode;
      stderr = Buffer.concat(result.stdErr).toString("utf8");
      return result.exitCode === 0 ? undefined : (error ?? new Error(stderr));
    },
  })
    .env(env)
    // simple-git waits 50 ms longer for a command without output, and most commands here have none. This empty chunk
    // counts as output.
    .outputHandler((_command, stdout) => {
      stdout.once("end", () => stdout.emit("data", Buffer.alloc(0)));
    });
  try {
    return await git.raw([...args]);
  } catch (cause) {
    if (exitCode > 0) throw new GitError(args, exitCode, stderr);
    throw new SelfhealError("git", `git ${args[0] ?? ""} could not run: ${messageOf(cause)}`, { cause });
  }
}
