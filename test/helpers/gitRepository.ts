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
  git("init", "-q", "-b", "main");
  repository.put(files);
  repository.commit("First");
  return repository;
}

const made: string[] = [];

/** Once a test file is done, by setup.ts. */
export function removeTemporaryFolders(): void {
  for (const path of made.splice(0)) rmSync(path, { recursive: true, force: true });
}

/** A folder of this test file, by its real path; removed when the file is done. */
export function temporaryFolder(name: string): string {
  const dir = realpathSync(mkdtempSync(join(tmpdir(), `selfheal-${name}-`)));
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
