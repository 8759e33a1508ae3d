import { statSync } from "node:fs";
import type { Mount } from "./mounts.ts";

/** A command and everything it may see and use. */
export interface Isolation {
  command: string;
  cwd: string;
  env: Record<string, string>;
  mounts: readonly Mount[];
  /** Whether the command uses the host's network. Otherwise it has only loopback. */
  network: boolean;
  limits: Limits;
  /** Host file to which bubblewrap writes the command's exit status. */
  statusFile: string;
  /** Host folder on which a new root can be mounted. */
  rootDir: string;
  /** Whether bubblewrap supports --disable-userns (0.8 and later). */
  disableUserns: boolean;
  /** Host file with the seccomp program; null: this machine has none. Only bubblewrap takes it. */
  seccompFile: string | null;
  /**
   * The unprivileged user and group id that the command runs with when selfheal runs as root; null: selfheal's own user,
   * which is not root.
   */
  uid: number | null;
  /** Host folders that are handed over to `uid`. */
  ownedFolders: readonly string[];
}

/** Limits of each process, set by prlimit. */
export interface Limits {
  /** Processes and threads of the user. The kernel does not enforce this limit for root. */
  processes: number;
  /** Writable memory of one process, in bytes. */
  memoryBytes: number;
  /** Largest file that can be written, in bytes. */
  fileBytes: number;
}

/** Quotes a word for `sh`. */
export function quote(word: string): string {
  return `'${word.replaceAll("'", "'\\''")}'`;
}

function limited(limits: Limits, command: string): string[] {
  const { processes, memoryBytes, fileBytes } = limits;
  const flags = [`--nproc=${processes}`, `--data=${memoryBytes}`, `--fsize=${fileBytes}`, "--core=0"];
  return ["prlimit", ...flags, "--", "sh", "-c", command];
}

/**
 * The host command that runs the isolation in bubblewrap: its own user, process, network and mount namespaces, no
 * capabilities, a seccomp filter and, with `disableUserns`, no further user namespaces. As root the command first
 * becomes an unprivileged user: user 1000 of the sandbox is then that user on the host, never root.
 */
export function bubblewrapCommand(what: Isolation): string {
  const staged = what.uid === null ? null : stagedMounts(what);
  const args = [
    "bwrap",
    ...["--unshare-user", "--unshare-ipc", "--unshare-pid", "--unshare-uts", "--unshare-cgroup-try"],
    ...(what.network ? [] : ["--unshare-net"]),
    ...(what.disableUserns ? ["--disable-userns"] : []),
    ...["--uid", "1000", "--gid", "1000", "--hostname", "sandbox", "--die-with-parent", "--new-session", "--clearenv"],
    ...Object.entries(what.env).flatMap(([name, value]) => ["--setenv", name, value]),
    ...(staged?.mounts ?? what.mounts).flatMap(bubblewrapMount),
    ...["--cap-drop", "ALL", "--remount-ro", "/", "--chdir", what.cwd, "--json-status-fd", "9"],
    ...(what.seccompFile === null ? [] : ["--seccomp", "8"]),
    "--",
    ...limited(what.limits, what.command),
  ];
  const files = `9>${quote(what.statusFile)}${what.seccompFile === null ? "" : ` 8<${quote(what.seccompFile)}`}`;
  if (what.uid === null || staged === null) return `exec ${args.map(quote).join(" ")} ${files}`;
  const script = [
    "set -e",
    // The folders of util-linux. The command's own PATH may lack them.
    "PATH=/usr/sbin:/usr/bin:/sbin:/bin",
    ...handOver(what.uid, what.ownedFolders),
    ...staged.script(what.rootDir),
    `exec ${[...dropTo(what.uid), ...args].map(quote).join(" ")}`,
  ].join("\n");
  return `exec ${["unshare", "--mount", "sh", "-c", script].map(quote).join(" ")} ${files}`;
}

/** Where an unprivileged user finds the sources of the mounts. It exists on every Linux (Filesystem Hierarchy Standard). */
const STAGE = "/mnt";

/**
 * As root: binds the sources that an unprivileged user may not reach (a worktree below /root) under one folder, in a
 * mount namespace that only this command sees. `mounts` are the same mounts with these sources.
 */
function stagedMounts({ mounts, ownedFolders }: Pick<Isolation, "mounts" | "ownedFolders">): {
  mounts: Mount[];
  script(rootDir: string): string[];
} {
  const sources = [
    ...new Set(
      mounts.flatMap((mount) =>
        (mount.kind === "readOnly" || mount.kind === "writable") && !isReachable(mount.from, ownedFolders)
          ? [mount.from]
          : [],
      ),
    ),
  ];
  const places = new Map(sources.map((from, i) => [from, { name: `${i}`, folder: statSync(from).isDirectory() }]));
  const from = (mount: Mount): Mount => {
    if (mount.kind !== "readOnly" && mount.kind !== "writable") return mount;
    const place = places.get(mount.from);
    return place === undefined ? mount : { ...mount, from: `${STAGE}/${place.name}` };
  };
  const folders = [...places.values()].filter(({ folder }) => folder).map(({ name }) => name);
  const files = [...places.values()].filter(({ folder }) => !folder).map(({ name }) => name);
  return {
    mounts: mounts.map(from),
    script: (rootDir) =>
      places.size === 0
        ? []
        : [
            `R=${quote(rootDir)}`,
            "mount -t tmpfs -o mode=755 tmpfs $R",
            ...(folders.length > 0 ? [`mkdir ${folders.map((name) => `$R/${name}`).join(" ")}`] : []),
            ...files.map((name) => `: > $R/${name}`),
            ...[...places].map(([source, { name }]) => `mount --bind ${quote(source)} $R/${name}`),
            `mount --move $R ${STAGE}`,
          ],
  };
}

/** Whether every user can reach a path: all folders above it may be entered. A folder that is handed over is its user's own. */
function isReachable(path: string, owned: readonly string[]): boolean {
  const parts = path.split("/").filter((part) => part !== "");
  return parts.every((_, i) => {
    const step = `/${parts.slice(0, i + 1).join("/")}`;
    if (owned.some((folder) => step === folder || step.startsWith(`${folder}/`))) return true;
    const { mode } = statSync(step);
    return i < parts.length - 1 ? (mode & 0o001) !== 0 : (mode & 0o004) !== 0;
  });
}

/** Links are handed over themselves, never what they point to. */
function handOver(uid: number, folders: readonly string[]): string[] {
  return folders.length === 0 ? [] : [`chown -R -h -- ${uid}:${uid} ${[...new Set(folders)].map(quote).join(" ")}`];
}

function dropTo(uid: number): string[] {
  return [
    "setpriv",
    `--reuid=${uid}`,
    `--regid=${uid}`,
    "--clear-groups",
    "--bounding-set=-all",
    "--inh-caps=-all",
    "--no-new-privs",
  ];
}

function bubblewrapMount(mount: Mount): string[] {
  switch (mount.kind) {
    case "readOnly":
      return ["--ro-bind", mount.from, mount.at];
    case "writable":
      return ["--bind", mount.from, mount.at];
    case "symlink":
      return ["--symlink", mount.to, mount.at];
    case "memory":
      return ["--size", String(mount.bytes), "--tmpfs", mount.at];
    case "proc":
      // The knobs of the command's own namespaces would be writable in a new /proc.
      return ["--proc", mount.at, "--ro-bind", `${mount.at}/sys`, `${mount.at}/sys`];
    case "devices":
      return ["--dev", mount.at];
    case "masked":
      return mount.folder ? ["--tmpfs", mount.at, "--remount-ro", mount.at] : ["--ro-bind", "/dev/null", mount.at];
  }
}

/**
 * The host command that runs the isolation with util-linux only: the same view through mounts and pivot_root, and no
 * capabilities. It is weaker: no seccomp filter, and the command can create further namespaces. As root it becomes an
 * unprivileged user of the host; otherwise the user inside is mapped to root of its own namespace.
 */
export function namespacesCommand(what: Isolation): string {
  const env = Object.entries(what.env).map(([name, value]) => `${name}=${value}`);
  const drop =
    what.uid === null ? ["setpriv", "--bounding-set=-all", "--inh-caps=-all", "--no-new-privs"] : dropTo(what.uid);
  const run = ["env", "-i", ...env, ...drop];
  const script = [
    "set -e",
    "PATH=/usr/sbin:/usr/bin:/sbin:/bin",
    `R=${quote(what.rootDir)}`,
    ...(what.uid === null ? [] : handOver(what.uid, what.ownedFolders)),
    "mount -t tmpfs -o mode=755 tmpfs $R",
    ...what.mounts.flatMap(namespaceMount),
    "mkdir -p $R/.host",
    ...(what.network ? [] : ["ip link set lo up 2>/dev/null || ifconfig lo up"]),
    "cd $R && pivot_root . .host && umount -l /.host && rmdir /.host",
    ...readOnlyProc(),
    "mount -o remount,bind,ro / 2>/dev/null || mount -o remount,bind,ro,nosuid,nodev /",
    `cd ${quote(what.cwd)}`,
    `echo '{ "exit-code": "started" }' >&9`,
    // Not exec: process 1 ignores signals, and a signal must be able to end the command.
    `${[...run, ...limited(what.limits, what.command)].map(quote).join(" ")} 9>&- || exit $?`,
  ].join("\n");
  const user = what.uid === null ? ["--user", "--map-root-user"] : [];
  const own = [...user, "--mount", "--pid", "--ipc", "--uts", "--fork", "--kill-child"];
  // --kill-child ends the command together with unshare. pdeathsig ends unshare when selfheal itself is killed.
  const args = [
    "setpriv",
    "--pdeathsig",
    "KILL",
    "unshare",
    ...own,
    ...(what.network ? [] : ["--net"]),
    "sh",
    "-c",
    script,
  ];
  return `exec ${args.map(quote).join(" ")} 9>${quote(what.statusFile)}`;
}

/** Knobs of the kernel that a new /proc shows. */
function readOnlyProc(): string[] {
  return ["sys", "irq", "bus", "sysrq-trigger"].map(
    (name) =>
      `[ ! -e /proc/${name} ] || { mount --bind /proc/${name} /proc/${name} && mount -o remount,bind,ro /proc/${name}; }`,
  );
}

function namespaceMount(mount: Mount): string[] {
  const at = `$R${quote(mount.at)}`;
  const parent = `mkdir -p "$(dirname ${at})"`;
  const target = (from: string) =>
    `${parent}; if [ -d ${quote(from)} ]; then mkdir -p ${at}; else [ -e ${at} ] || : > ${at}; fi`;
  switch (mount.kind) {
    case "readOnly": {
      const options = ["remount,bind,ro", "remount,bind,ro,nosuid,nodev", "remount,bind,ro,nosuid,nodev,noatime"];
      const remount = options.map((o) => `mount -o ${o} ${at} 2>/dev/null`).join(" || ");
      return [target(mount.from), `mount --bind ${quote(mount.from)} ${at}`, remount];
    }
    case "writable":
      return [target(mount.from), `mount --bind ${quote(mount.from)} ${at}`];
    case "symlink":
      return [`${parent}; ln -s ${quote(mount.to)} ${at}`];
    case "memory":
      return [`mkdir -p ${at}`, `mount -t tmpfs -o size=${mount.bytes},mode=1777 tmpfs ${at}`];
    case "proc":
      return [`mkdir -p ${at}`, `mount -t proc proc ${at}`];
    case "devices":
      return [
        `mkdir -p ${at}/shm`,
        `for d in null zero full random urandom; do : > ${at}/$d; mount --bind /dev/$d ${at}/$d; done`,
        `ln -s /proc/self/fd ${at}/fd; ln -s fd/0 ${at}/stdin; ln -s fd/1 ${at}/stdout; ln -s fd/2 ${at}/stderr`,
        `mount -t tmpfs -o size=64m,mode=1777 tmpfs ${at}/shm`,
      ];
    case "masked":
      return mount.folder ? [`mount -t tmpfs -o ro,size=4k tmpfs ${at}`] : [`mount --bind /dev/null ${at}`];
  }
}
