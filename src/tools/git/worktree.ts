import { createHash } from "node:crypto";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { messageOf, SelfhealError } from "../../domain/errors.ts";
import type { Clock } from "../../domain/ports/clock.ts";
import type { ApplyResult, CommitInfo, Workspace } from "../../domain/ports/workspace.ts";
import type { Service } from "../../domain/service.ts";
import { copyCompanionFiles } from "./companionFiles.ts";
import { sideFoldersOf } from "./folderLayout.ts";
import { type Git, GitError } from "./hostGit.ts";
import { linkDependencies } from "./linkDependencies.ts";
import { blameOf, isAncestor, logOf } from "./logAndBlame.ts";
import { readPlain, removePlain, removeTree, requirePlain, textOf, writePlain } from "./safeFiles.ts";
import { hasSetup, restoreSetup } from "./setupOutput.ts";

/** One file in git's index or in a commit: its mode and blob id. */
interface Entry {
  mode: string;
  id: string;
}

/** What a working tree is opened with. */
export interface WorktreeOptions {
  service: Service;
  ticketId: string;
  baseCommit: string;
  dir: string;
  /** The worktree's own git folder, inside the clone. */
  adminDir: string;
  /** Git on the worktree's index, with an empty folder as its working tree. */
  onIndex: Git;
  /** Git on the worktree's index and real tree. Used only to check files out. */
  onTree: Git;
  clock: Clock;
}

/** Prefix of the refs that keep tickets' commits in the clone. */
export const TICKET_REFS = "refs/selfheal/tickets/";

const FILE_MODES = ["100644", "100755"];
const FORM = [
  "--patch --binary --full-index --no-renames --no-ext-diff --no-textconv --no-color",
  "--no-relative --src-prefix=a/ --dst-prefix=b/ --unified=3 --inter-hunk-context=0 --diff-algorithm=myers",
  "--ignore-submodules=all",
].flatMap((part) => part.split(" "));
const DIFF = ["diff-index", "--cached", ...FORM];

/**
 * The working tree of a ticket. **The index is the patch.** The index is stored in the clone, which a sandbox cannot
 * reach, and changes only through `write` and `apply`. The tree is its projection, in which commands run. Files,
 * symlinks, a poisoned .git or changed sources that commands leave in the tree are therefore never part of a diff. git
 * never reads them.
 */
export async function openWorktree(options: WorktreeOptions): Promise<Workspace> {
  const { onIndex, dir, baseCommit, service, ticketId } = options;
  const base = await entriesAt(onIndex, baseCommit);
  let changes = new Map<string, Entry | null>();
  const entryOf = (path: string) => (changes.has(path) ? (changes.get(path) ?? null) : (base.get(path) ?? null));
  const project = async (paths: readonly string[]) => {
    try {
      for (const path of paths) if (entryOf(path) === null) await removePlain(dir, path);
      const written = paths.filter((path) => entryOf(path) !== null);
      // git replaces a symlink in the place of a folder instead of writing through it.
      if (written.length > 0) await options.onTree(["checkout-index", "--force", "--quiet", "--", ...written]);
    } catch (error) {
      // Something that a command left blocks the path. The tree is rebuilt from the index.
      if (!SelfhealError.isInstance(error)) throw error;
      await rebuild(options, new Set(base.keys()));
    }
  };

  const workspace: Workspace = {
    ticketId,
    service,
    dir,
    baseCommit,
    async reset() {
      await onIndex(["read-tree", baseCommit]);
      changes = new Map();
      await rebuild(options, new Set(base.keys()));
    },
    async apply(diff): Promise<ApplyResult> {
      if (diff.trim() === "") return { kind: "applied" };
      const before = (await onIndex(["write-tree"])).trim();
      const result = await applyToIndex(onIndex, diff, baseCommit);
      if (!(result instanceof Map)) {
        await onIndex(["read-tree", before]);
        return result;
      }
      const touched = [...new Set([...changes.keys(), ...result.keys()])];
      changes = result;
      await project(touched);
      return { kind: "applied" };
    },
    diff: () => onIndex([...DIFF, baseCommit, "--"]),
    files: async () => [...base].filter(([, entry]) => FILE_MODES.includes(entry.mode)).map(([path]) => path),
    async read(path) {
      const entry = requireFile(path, entryOf(path));
      const bytes = await readPlain(dir, path);
      if (bytes !== null && gitId(bytes, entry.id.length) === entry.id) return textOf(path, bytes);
      // A command changed the file, or it was checked out with other line ends. The index counts.
      const text = await onIndex(["cat-file", "blob", entry.id]);
      if (gitId(Buffer.from(text, "utf8"), entry.id.length) === entry.id) return text;
      throw new SelfhealError("notText", `${path} is not UTF-8 text`);
    },
    async readBase(path) {
      const entry = requireFile(path, base.get(path) ?? null);
      const text = await onIndex(["cat-file", "blob", entry.id]);
      if (gitId(Buffer.from(text, "utf8"), entry.id.length) === entry.id) return text;
      throw new SelfhealError("notText", `${path} is not UTF-8 text`);
    },
    async write(path, content) {
      requirePlain(path);
      const entry = entryOf(path);
      if (entry !== null) {
        requireFile(path, entry);
        await workspace.read(path);
      }
      const mode = entry?.mode ?? "100644";
      await writePlain(dir, path, Buffer.from(content, "utf8"), mode === "100755");
      const id = (await storeBlob(onIndex, content)).trim();
      await onIndex(["update-index", "--add", "--cacheinfo", `${mode},${id},${path}`]);
      changes.set(path, { mode, id });
    },
    log: (wanted) => logOf(onIndex, baseCommit, wanted),
    blame: (path, line): Promise<CommitInfo | null> =>
      base.has(path) ? blameOf(onIndex, baseCommit, path, line) : Promise.resolve(null),
    async reverseOf(commit) {
      const parent = await parentOf(onIndex, commit, baseCommit);
      return parent === null ? null : onIndex(["diff-tree", "-r", ...FORM, commit, parent, "--"]);
    },
    async changeBy(commit) {
      // A model may pass any text. git would read it as an option, a range or another ref.
      if (!/^[0-9a-f]{7,64}$/.test(commit)) return null;
      const parent = await parentOf(onIndex, commit, baseCommit).catch(none);
      return parent === null ? null : onIndex(["diff-tree", "-r", ...FORM, parent, commit, "--"]);
    },
    commit: (message) => commitIndex(options, message),
  };
  return workspace;
}

/** The only parent of a commit that the base contains; null for a merge, a root commit, and any other commit. */
async function parentOf(git: Git, commit: string, base: string): Promise<string | null> {
  const [, parent, ...others] = (await git(["rev-list", "--parents", "-n", "1", commit, "--"])).trim().split(" ");
  return parent !== undefined && others.length === 0 && (await isAncestor(git, commit, base)) ? parent : null;
}

/** Turns a GitError (no such commit) into null. */
function none(error: unknown): null {
  if (error instanceof GitError) return null;
  throw error;
}

function storeBlob(git: Git, content: string): Promise<string> {
  if (content === "") return git(["hash-object", "-w", "--no-filters", "--", "/dev/null"]);
  return git(["hash-object", "-w", "--stdin"], { input: content });
}

function requireFile(path: string, entry: Entry | null): Entry {
  requirePlain(path);
  if (entry === null) throw new SelfhealError("fileNotFound", `${path} is not in the tree`);
  if (FILE_MODES.includes(entry.mode)) return entry;
  throw new SelfhealError("unsafePath", `${path} is ${entry.mode === "120000" ? "a symlink" : "not a regular file"}`);
}

/** The blob id that git gives to these bytes. It shows whether a file of the tree is still the index's. */
function gitId(bytes: Buffer, length: number): string {
  const hash = createHash(length === 64 ? "sha256" : "sha1");
  return hash.update(`blob ${bytes.length}\0`).update(bytes).digest("hex");
}

async function entriesAt(git: Git, commit: string): Promise<Map<string, Entry>> {
  const entries = new Map<string, Entry>();
  for (const line of (await git(["ls-tree", "-r", "-z", "--full-tree", commit])).split("\0")) {
    const match = /^(\d{6}) \w+ ([0-9a-f]+)\t(.+)$/s.exec(line);
    if (match?.[1] !== undefined && match[2] !== undefined && match[3] !== undefined) {
      entries.set(match[3], { mode: match[1], id: match[2] });
    }
  }
  return entries;
}

/**
 * Applies a diff to the index. Returns the entries that then differ from the base, or why the diff cannot be applied.
 */
async function applyToIndex(git: Git, diff: string, base: string): Promise<Map<string, Entry | null> | ApplyResult> {
  try {
    await git(["apply", "--cached", "--whitespace=nowarn", "-"], { input: diff.endsWith("\n") ? diff : `${diff}\n` });
  } catch (error) {
    if (!(error instanceof GitError)) throw error;
    return { kind: "conflict", reason: messageOf(error) };
  }
  const changes = new Map<string, Entry | null>();
  const raw = await git(["diff-index", "--cached", "--raw", "--no-abbrev", "--no-renames", "-z", base, "--"]);
  const parts = raw.split("\0");
  for (let i = 0; i + 1 < parts.length; i += 2) {
    const path = parts[i + 1] ?? "";
    const [, mode = "", , id = ""] = (parts[i] ?? "").replace(/^:/, "").split(" ");
    if (mode !== "000000" && !FILE_MODES.includes(mode)) {
      return { kind: "conflict", reason: `${path} would be ${mode === "120000" ? "a symlink" : "no regular file"}` };
    }
    requirePlain(path);
    changes.set(path, mode === "000000" ? null : { mode, id });
  }
  return changes;
}

/** Rebuilds the tree from the index, with setup files, dependencies and companion files. */
async function rebuild(options: WorktreeOptions, tracked: ReadonlySet<string>): Promise<void> {
  const { dir, service, ticketId } = options;
  const { deps, setup } = sideFoldersOf(dir, ticketId);
  await removeTree(dir);
  await removeTree(deps);
  await mkdir(dir, { recursive: true });
  await mkdir(deps, { recursive: true });
  // For people who inspect the tree. selfheal's own git names its folder explicitly.
  await writeFile(join(dir, ".git"), `gitdir: ${options.adminDir}\n`);
  await options.onTree(["checkout-index", "--all", "--force", "--quiet"]);
  const kept = await hasSetup(setup);
  if (kept) await restoreSetup(setup, dir);
  await linkDependencies({ root: kept ? setup : service.repo, dir, deps, tracked });
  await copyCompanionFiles(dir, service, tracked);
}

/**
 * Commits the index to the ticket's ref. The same change with the same message gives the same commit at any time, so a
 * repeated deployment finds its own commit.
 */
async function commitIndex(options: WorktreeOptions, message: string): Promise<string> {
  const { onIndex, baseCommit } = options;
  const ref = refOf(options.ticketId);
  const tree = (await onIndex(["write-tree"])).trim();
  const last = await onIndex(["log", "-1", "--format=%T %P%n%B", ref, "--"]).catch(() => "");
  const text = message.trimEnd();
  if (last.trimEnd() === `${tree} ${baseCommit}\n${text}`) return (await onIndex(["rev-parse", ref])).trim();
  const made = await onIndex(["commit-tree", tree, "-p", baseCommit, "-F", "-"], {
    input: `${text}\n`,
    at: options.clock.now(),
  });
  await onIndex(["update-ref", ref, made.trim()]);
  return made.trim();
}

/** The ref that keeps a ticket's commit reachable in the clone. */
export function refOf(ticketId: string): string {
  return `${TICKET_REFS}${ticketId}`;
}
