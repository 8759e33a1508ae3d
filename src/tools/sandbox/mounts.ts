import { existsSync, lstatSync, readlinkSync, realpathSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Workspace } from "../../domain/ports/workspace.ts";
import { allCompanionFiles } from "../git/companionFiles.ts";
import { sideFoldersOf } from "../git/folderLayout.ts";
import { dependencyBinds } from "../git/linkDependencies.ts";

/** One part of the file system that a command sees. Later ones lie over earlier ones. */
export type Mount =
  | { kind: "readOnly" | "writable"; from: string; at: string }
  | { kind: "symlink"; to: string; at: string }
  | { kind: "memory"; at: string; bytes: number }
  | { kind: "proc" | "devices"; at: string };

/** HOME of the commands, inside. */
export const HOME = "/home/selfheal";
/** Where the contents of `files` lie, inside. */
export const FILES = "/run/selfheal";

const MEMORY_BYTES = 512 * 1024 * 1024;
/** System folders, as links where the host has links (/bin → usr/bin). */
const SYSTEM = ["/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32", "/nix/store"];
/** Of /etc only what programs need to start; no keys, no names of users. */
const SYSTEM_ETC = [
  "/etc/ld.so.cache",
  "/etc/alternatives",
  "/etc/localtime",
  "/etc/ssl/certs",
  "/etc/ssl/openssl.cnf",
  "/etc/pki/tls/certs",
];

/** What of the host every command sees: the system, this Node, and what the operator names. Nothing of it is writable. */
export function systemMounts(etc: string, readOnlyPaths: readonly string[]): Mount[] {
  return [
    ...SYSTEM.filter(existsSync).map(
      (at): Mount =>
        lstatSync(at).isSymbolicLink()
          ? { kind: "symlink", to: readlinkSync(at), at }
          : { kind: "readOnly", from: at, at },
    ),
    { kind: "readOnly", from: etc, at: "/etc" },
    ...etcSources().map((at): Mount => ({ kind: "readOnly", from: at, at })),
    { kind: "proc", at: "/proc" },
    { kind: "devices", at: "/dev" },
    { kind: "memory", at: "/tmp", bytes: MEMORY_BYTES },
    { kind: "memory", at: HOME, bytes: MEMORY_BYTES },
    ...[...nodeFolders(), ...readOnlyPaths.filter(existsSync)].map((at): Mount => ({ kind: "readOnly", from: at, at })),
  ];
}

/** What of /etc is the host's; mounted over the made-up one, which must hold something to mount each on. */
export function etcSources(): string[] {
  return SYSTEM_ETC.filter(existsSync);
}

/** A Node outside /usr (nvm, asdf): its programs and its npm, and nothing else of the folder they lie in. */
function nodeFolders(): string[] {
  const bin = dirname(process.execPath);
  if (/^\/(?:usr|bin|sbin)\//.test(`${bin}/`)) return [];
  return [bin, join(dirname(bin), "lib", "node_modules")].filter(existsSync);
}

/**
 * What of the workspace a command sees. The tree lies at the path of the original repository, so that absolute paths in
 * stack frames, in trigger scripts and in the Event all mean the same file; the original is hidden behind it. The tree's
 * .git is an empty file that nobody can write to or replace.
 */
export async function workspaceMounts(workspace: Workspace, emptyFile: string): Promise<Mount[]> {
  const { service, dir, ticketId } = workspace;
  const places = [...new Set([realpathSync(service.repo), service.repo])];
  const tree = places.flatMap((at): Mount[] => [
    { kind: "writable", from: dir, at },
    ...(existsSync(join(dir, ".git")) ? [{ kind: "readOnly", from: emptyFile, at: join(at, ".git") } as const] : []),
  ]);
  const binds = await dependencyBinds(sideFoldersOf(dir, ticketId).deps);
  const bound = allCompanionFiles(service).bound.map((path): Mount => ({ kind: "readOnly", from: path, at: path }));
  return [...tree, ...binds.map((bind): Mount => ({ kind: "readOnly", ...bind })), ...bound];
}
