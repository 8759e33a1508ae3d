import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { CaseFile, DiffCase } from "./diffCase.ts";

/** As `src/tools/git` makes a Patch's diff. */
const OPTIONS = ["--full-index", "--no-renames", "--no-ext-diff", "--no-textconv", "--no-color"];

/**
 * The diff that git makes of each case, in order. All cases are commits without a parent (base) and with one (patch) in
 * one temporary repository, so that two git processes serve any number of cases.
 */
export function gitDiffs(cases: readonly DiffCase[]): string[] {
  const dir = mkdtempSync(join(tmpdir(), "selfheal-diffs-"));
  try {
    git(dir, ["init", "-q", "--bare", "--template=", "."]);
    git(dir, ["fast-import", "--quiet"], cases.map(commits).join(""));
    const ids = git(dir, ["cat-file", "--batch-check=%(objectname)"], references(cases.length)).trimEnd().split("\n");
    const bases = ids.filter((_id, index) => index % 2 === 0);
    const patches = ids.filter((_id, index) => index % 2 === 1);
    const pairs = patches.map((patch, index) => `${patch} ${bases[index]}\n`).join("");
    return split(git(dir, ["diff-tree", "--stdin", "-r", "-p", ...OPTIONS], pairs), patches);
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

function references(count: number): string {
  return Array.from({ length: 2 * count }, (_none, index) => `refs/cases/${index + 1}\n`).join("");
}

function commits({ files, repository }: DiffCase, index: number): string {
  const others = Object.entries(repository ?? {}).map(([path, before]) => ({ path, before, after: before }));
  const base = 2 * index + 1;
  const all: CaseFile[] = [...files, ...others];
  const first = all
    .filter(({ before }) => before !== null)
    .map(({ path, before, baseMode }) => entry(path, before, baseMode))
    .join("");
  const then = files.map(({ path, after, mode, baseMode }) => entry(path, after, mode ?? baseMode)).join("");
  return `${commit(base)}${first}\n${commit(base + 1)}from :${base}\n${then}\n`;
}

function commit(mark: number): string {
  return `commit refs/cases/${mark}\nmark :${mark}\ncommitter Dev <dev@example.org> ${mark} +0000\ndata 1\nx\n`;
}

function entry(path: string, text: string | null, mode = "100644"): string {
  const quoted = `"${path.replace(/["\\]/g, "\\$&").replace(/\n/g, "\\n")}"`;
  if (text === null) return `D ${quoted}\n`;
  if (mode === "160000") return `M 160000 ${text.trim()} ${quoted}\n`;
  // A symbolic link's text is its target.
  const content = mode === "120000" ? text.trimEnd() : text;
  return `M ${mode} inline ${quoted}\ndata ${Buffer.byteLength(content)}\n${content}\n`;
}

/** `diff-tree --stdin` prints the first id of each pair on a line of its own, then the diff; nothing for an empty one. */
function split(printed: string, ids: readonly string[]): string[] {
  const found = new Map<string, string>();
  const heads = [...printed.matchAll(/^([0-9a-f]{40})(?: [0-9a-f]{40})?\n/gm)];
  heads.forEach((head, index) => {
    const start = head.index + head[0].length;
    found.set(head[1] ?? "", printed.slice(start, heads[index + 1]?.index ?? printed.length));
  });
  return ids.map((id) => found.get(id) ?? "");
}

function git(cwd: string, args: readonly string[], input = ""): string {
  const env = { PATH: process.env.PATH ?? "", GIT_CONFIG_NOSYSTEM: "1", GIT_CONFIG_GLOBAL: "/dev/null" };
  return execFileSync("git", ["-c", "core.protectNTFS=false", ...args], {
    cwd,
    input,
    env,
    encoding: "utf8",
    maxBuffer: 1 << 28,
  });
}
