import { existsSync, lstatSync, readlinkSync, realpathSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Workspace } from "../../domain/ports/workspace.ts";
import { allCompanionFiles } from "../git/companionFiles.ts";
import { sideFoldersOf } from "../git/folderLayout.ts";
import { dependencyBinds } from "../git/linkDependencies.ts";

/** One part of the file system that a command sees. Later mounts cover earlier ones. */
export type Mount =
  | { kind: "readOnly" | "writable"; from: string; at: string }
  | { kind: "symlink"; to: string; at: string }
  | { kind: "memory"; at: string; bytes: number }
  | { kind: "proc" | "devices"; at: string }
  /** Something in /proc that is hidden: it tells of the host, or sets it. */
  | { kind: "masked"; at: string; folder: boolean };

/** HOME of the commands, inside the sandbox. */
export const HOME = "/home/selfheal";
/** Folder of the contents of `files`, inside the sandbox. */
export const FILES = "/run/selfheal";

/** What /proc tells of the host beyond the command's own processes (the lists of runc and podman). */
const MASKED = [
  ...["kcore", "keys", "key-users", "timer_list", "latency_stats", "sched_debug", "kallsyms", "kmsg", "kpagecount"],
  ...["kpageflags", "kpagecgroup", "slabinfo", "vmallocinfo", "modules", "sysrq-trigger", "acpi", "scsi", "asound"],
].map((name) => `/proc/${name}`);

const MEMORY_BYTES = 512 * 1024 * 1024;
/** System folders. A folder that is a link on the host (/bin → usr/bin) becomes a link. */
const SYSTEM = ["/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32", "/nix/store"];
/** Files of the host's /etc that programs need to start. No keys and no user names. */
const SYSTEM_ETC = [
  "/etc/ld.so.cache",
  "/etc/alternatives",
  "/etc/localtime",
  "/etc/ssl/certs",
  "/etc/ssl/openssl.cnf",
  "/etc/pki/tls/certs",
];

/**
 * The read-only parts that every command sees: the system, this Node, and the folders that the operator lists. /proc,
 * /dev, /tmp and HOME belong to the sandbox, not to the host.
 */
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
    ...MASKED.filter(existsSync).map((at): Mount => ({ kind: "masked", at, folder: lstatSync(at).isDirectory() })),
    { kind: "devices", at: "/dev" },
    { kind: "memory", at: "/tmp", bytes: MEMORY_BYTES },
    { kind: "memory", at: HOME, bytes: MEMORY_BYTES },
    ...[...nodeFolders(), ...readOnlyPaths.filter(existsSync)].map((at): Mount => ({ kind: "readOnly", from: at, at })),
  ];
}

/** The host's files in /etc. They are mounted over the generated /etc, which must have a mount point for each. */
export function etcSources(): string[] {
  return SYSTEM_ETC.filter(existsSync);
}

/** For a Node outside /usr (nvm, asdf): its bin folder and its npm packages, and nothing else of its parent folder. */
function nodeFolders(): string[] {
  const bin = dirname(process.execPath);
  if (/^\/(?:usr|bin|sbin)\//.test(`${bin}/`)) return [];
  return [bin, join(dirname(bin), "lib", "node_modules")].filter(existsSync);
}

/**
 * The parts of the workspace that a command sees. The tree is mounted at the path of the original repository and hides
 * it. Absolute paths in stack frames, trigger scripts and the Event therefore mean the same file. The tree's .git is an
 * empty file that commands can neither write nor replace.
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
