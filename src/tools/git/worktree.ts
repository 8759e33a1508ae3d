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
import { hasSetup, restoreSetup } from "./setupOutput.ts";
import { readPlain, removePlain, removeTree, requirePlain, textOf, writePlain } from "./treeFiles.ts";

/** One file in git's eyes. */
interface Entry {
  mode: string;
  id: string;
}

export interface WorktreeOptions {
  service: Service;
  ticketId: string;
  baseCommit: string;
  dir: string;
  /** The worktree's own git folder, in the clone. */
  adminDir: string;
  /** Git on the worktree's index, with an empty folder as its tree. */
  onIndex: Git;
  /** Git on the worktree's index and its real tree; only to check files out. */
  onTree: Git;
  clock: Clock;
}

/** Where the clone keeps tickets' commits. */
export const TICKET_REFS = "refs/selfheal/tickets/";

const FILE_MODES = ["100644", "100755"];
const FORM = [
  "--patch --binary --full-index --no-renames --no-ext-diff --no-textconv --no-color",
  "--no-relative --src-prefix=a/ --dst-prefix=b/ --unified=3 --inter-hunk-context=0 --diff-algorithm=myers",
  "--ignore-submodules=all",
].flatMap((part) => part.split(" "));
const DIFF = ["diff-index", "--cached", ...FORM];

/**
 * A ticket's working tree. **The index is the patch**: it lies in the clone, out of a sandbox's reach, and changes only
 * through `write` and `apply`; the tree is its projection, there to run commands in. What those commands leave in the
 * tree (files, symlinks, a poisoned .git, changed sources) is therefore never part of a diff, and git never looks at it.
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
      // git removes a symlink that stands in for a folder rather than writing through it.
      if (written.length > 0) await options.onTree(["checkout-index", "--force", "--quiet", "--", ...written]);
    } catch (error) {
      // Something stands in the way that a command left there: the tree is made anew from the index.
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
      // Changed by a command, or checked out with other line ends: what counts is the index.
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
      // What a model names may be anything; git would take it for an option, a range or another ref.
      if (!/^[0-9a-f]{7,64}$/.test(commit)) return null;
      const parent = await parentOf(onIndex, commit, baseCommit).catch(none);
      return parent === null ? null : onIndex(["diff-tree", "-r", ...FORM, parent, commit, "--"]);
    },
    commit: (message) => commitIndex(options, message),
  };
  return workspace;
}

/** The only parent of a commit that the base contains; null for a merge, a root, and any other commit. */
async function parentOf(git: Git, commit: string, base: string): Promise<string | null> {
  const [, parent, ...others] = (await git(["rev-list", "--parents", "-n", "1", commit, "--"])).trim().split(" ");
  return parent !== undefined && others.length === 0 && (await isAncestor(git, commit, base)) ? parent : null;
}

/** No such commit. */
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

/** The id git gives to these bytes; tells whether a file of the tree is still the one of the index. */
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

/** The entries that differ from the base after the diff, or why it cannot be applied. */
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

/** Makes the tree anew from the index, with dependencies and companion files. */
async function rebuild(options: WorktreeOptions, tracked: ReadonlySet<string>): Promise<void> {
  const { dir, service, ticketId } = options;
  const { deps, setup } = sideFoldersOf(dir, ticketId);
  await removeTree(dir);
  await removeTree(deps);
  await mkdir(dir, { recursive: true });
  await mkdir(deps, { recursive: true });
  // For people who look into the tree; selfheal's own git names its folder explicitly.
  await writeFile(join(dir, ".git"), `gitdir: ${options.adminDir}\n`);
  await options.onTree(["checkout-index", "--all", "--force", "--quiet"]);
  const kept = await hasSetup(setup);
  if (kept) await restoreSetup(setup, dir);
  await linkDependencies({ root: kept ? setup : service.repo, dir, deps, tracked });
  await copyCompanionFiles(dir, service, tracked);
}

/** The same change with the same message is the same commit, whenever it is asked for: a repeated deployment finds its own. */
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

/** Keeps a ticket's commit reachable in the clone. */
export function refOf(ticketId: string): string {
  return `${TICKET_REFS}${ticketId}`;
}
