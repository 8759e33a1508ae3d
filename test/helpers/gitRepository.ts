import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

export interface GitRepository {
  dir: string;
  git(...args: string[]): string;
  /** Writes files into the working tree; nothing is committed. */
  put(files: Record<string, string>): void;
  /** Commits everything there is, and returns the commit's id. */
  commit(message: string): string;
}

/** A real repository in a temporary folder, with one commit of these files on `main`. */
export function gitRepository(files: Record<string, string>, dir = temporaryFolder("repo")): GitRepository {
  const git = (...args: string[]) => execFileSync("git", args, { cwd: dir, encoding: "utf8", env: gitEnvironment() });
  const repository: GitRepository = {
    dir,
    git,
    put(more) {
      for (const [path, content] of Object.entries(more)) {
        mkdirSync(dirname(join(dir, path)), { recursive: true });
        writeFileSync(join(dir, path), content);
      }
    },
    commit(message) {
      git("add", "-A");
      git("commit", "-q", "--allow-empty", "-m", message);
      return git("rev-parse", "HEAD").trim();
    },
  };
  repository.put(files);
  firstCommit(dir, "First", gitEnvironment());
  return repository;
}

/**
 * Makes a folder a repository with one commit of all there is, on `main`, and returns its id. One shell starts every git: to
 * start a process takes a process of a test's size many times what git itself takes.
 */
export function firstCommit(dir: string, message: string, env: NodeJS.ProcessEnv = process.env): string {
  const git = "git -c user.name=t -c user.email=t@example.org -c maintenance.auto=false -c gc.auto=0";
  const script = `git init -q -b main --template= && git add -A && ${git} commit -q --allow-empty -m "$1" && git rev-parse HEAD`;
  return execFileSync("sh", ["-c", script, "sh", message], { cwd: dir, encoding: "utf8", env }).trim();
}

const made: string[] = [];

/** Once a test file is done, by setup.ts. */
export function removeTemporaryFolders(): void {
  for (const path of made.splice(0)) rmSync(path, { recursive: true, force: true });
}

/**
 * A folder of this test file, by its real path; removed when the file is done. What must not lie in a system's folder lies
 * `within` another one: the temporary folders of a run may be in /dev/shm.
 */
export function temporaryFolder(name: string, within = tmpdir()): string {
  const dir = realpathSync(mkdtempSync(join(within, `selfheal-${name}-`)));
  made.push(dir);
  return dir;
}

function gitEnvironment(): Record<string, string> {
  const person = { NAME: "Dev", EMAIL: "dev@example.com" };
  return {
    PATH: process.env.PATH ?? "",
    GIT_CONFIG_NOSYSTEM: "1",
    GIT_CONFIG_GLOBAL: "/dev/null",
    GIT_AUTHOR_NAME: person.NAME,
    GIT_AUTHOR_EMAIL: person.EMAIL,
    GIT_COMMITTER_NAME: person.NAME,
    GIT_COMMITTER_EMAIL: person.EMAIL,
  };
}
