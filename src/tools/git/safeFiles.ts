import { constants } from "node:fs";
import { chmod, lstat, mkdir, open, readdir, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { SelfhealError } from "../../domain/errors.ts";

/** Larger files are not source code that a coder reads. */
const MAX_FILE_BYTES = 5 * 1024 * 1024;

/** Why a repository-relative path is not allowed; null if it is. Checks only the text, not the file system. */
export function pathFault(path: string): string | null {
  if (path === "" || path.length > 1024) return "the path is empty or too long";
  if (path.startsWith("/") || /^[a-zA-Z]:[\\/]/.test(path)) return "the path is absolute";
  if (path.includes("\0")) return "the path holds a NUL character";
  const parts = path.split("/");
  if (parts.some((part) => part === "" || part === "." || part === ".."))
    return "the path leaves the tree or is not plain";
  if (parts.some((part) => part.toLowerCase() === ".git")) return "the path is git's own";
  return null;
}

/** Throws SelfhealError `unsafePath` unless the path is a plain relative one. */
export function requirePlain(path: string): void {
  const fault = pathFault(path);
  if (fault !== null) throw new SelfhealError("unsafePath", `${JSON.stringify(path)}: ${fault}`);
}

/**
 * Bytes of a regular file under `root`; null if it does not exist. Throws SelfhealError `unsafePath` if the path
 * contains a symlink or is not a regular file, `tooLarge` above 5 MiB.
 */
export async function readPlain(root: string, path: string): Promise<Buffer | null> {
  requirePlain(path);
  if (!(await walkPlain(root, path))) return null;
  // O_NOFOLLOW and O_NONBLOCK: opens neither a symlink created meanwhile nor a named pipe.
  const file = await open(join(root, path), constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  try {
    const stat = await file.stat();
    if (!stat.isFile()) throw new SelfhealError("unsafePath", `${path} is not a regular file`);
    if (stat.size > MAX_FILE_BYTES) throw new SelfhealError("tooLarge", `${path} has ${stat.size} bytes`);
    return await file.readFile();
  } finally {
    await file.close();
  }
}

/**
 * Writes a regular file under `root` and creates its folders. Throws SelfhealError `unsafePath` if the path contains a
 * symlink.
 */
export async function writePlain(root: string, path: string, content: Buffer, executable: boolean): Promise<void> {
  requirePlain(path);
  await walkPlain(root, path);
  await mkdir(dirname(join(root, path)), { recursive: true });
  const { O_WRONLY, O_CREAT, O_TRUNC, O_NOFOLLOW, O_NONBLOCK } = constants;
  const flags = O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_NONBLOCK;
  const file = await open(join(root, path), flags, executable ? 0o755 : 0o644);
  try {
    if (!(await file.stat()).isFile()) throw new SelfhealError("unsafePath", `${path} is not a regular file`);
    await file.chmod(executable ? 0o755 : 0o644);
    await file.writeFile(content);
  } finally {
    await file.close();
  }
}

/** Removes a file under `root` if it exists. Throws SelfhealError `unsafePath` if the path contains a symlink. */
export async function removePlain(root: string, path: string): Promise<void> {
  requirePlain(path);
  if (await walkPlain(root, path)) await rm(join(root, path));
}

/**
 * Checks each part of a path: folders, then a regular file. false if a part does not exist. Throws SelfhealError
 * `unsafePath`.
 */
async function walkPlain(root: string, path: string): Promise<boolean> {
  const parts = path.split("/");
  let at = root;
  for (const [i, part] of parts.entries()) {
    at = join(at, part);
    const stat = await lstat(at).catch(absent);
    if (stat === null) return false;
    const last = i === parts.length - 1;
    if (last ? stat.isFile() : stat.isDirectory()) continue;
    const what = stat.isSymbolicLink() ? "a symlink" : last ? "not a regular file" : "not a folder";
    throw new SelfhealError("unsafePath", `${parts.slice(0, i + 1).join("/")} is ${what}`);
  }
  return true;
}

function absent(error: unknown): null {
  const code = (error as { code?: unknown }).code;
  if (code === "ENOENT" || code === "ENOTDIR") return null;
  throw error;
}

/** Removes a folder that untrusted code wrote to. Follows no symlink, and makes unreadable folders readable first. */
export async function removeTree(dir: string): Promise<void> {
  try {
    await rm(dir, { recursive: true, force: true });
  } catch {
    await openFolders(dir);
    await rm(dir, { recursive: true, force: true, maxRetries: 3 });
  }
}

async function openFolders(dir: string): Promise<void> {
  const stat = await lstat(dir).catch(absent);
  if (stat === null || !stat.isDirectory()) return;
  await chmod(dir, 0o700);
  for (const entry of await readdir(dir, { withFileTypes: true })) {
    if (entry.isDirectory()) await openFolders(join(dir, entry.name));
  }
}

/** The bytes as UTF-8 text. Throws SelfhealError `notText` if they are not UTF-8. */
export function textOf(path: string, bytes: Buffer): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (cause) {
    throw new SelfhealError("notText", `${path} is not UTF-8 text`, { cause });
  }
}
