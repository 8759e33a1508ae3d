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
 * capabilities and, with `disableUserns`, no further user namespaces.
 */
export function bubblewrapCommand(what: Isolation): string {
  const args = [
    "bwrap",
    ...["--unshare-user", "--unshare-ipc", "--unshare-pid", "--unshare-uts", "--unshare-cgroup-try"],
    ...(what.network ? [] : ["--unshare-net"]),
    ...(what.disableUserns ? ["--disable-userns"] : []),
    ...["--uid", "1000", "--gid", "1000", "--hostname", "sandbox", "--die-with-parent", "--new-session", "--clearenv"],
    ...Object.entries(what.env).flatMap(([name, value]) => ["--setenv", name, value]),
    ...what.mounts.flatMap(bubblewrapMount),
    ...["--cap-drop", "ALL", "--remount-ro", "/", "--chdir", what.cwd, "--json-status-fd", "9", "--"],
    ...limited(what.limits, what.command),
  ];
  return `exec ${args.map(quote).join(" ")} 9>${quote(what.statusFile)}`;
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
      return ["--proc", mount.at];
    case "devices":
      return ["--dev", mount.at];
  }
}

/**
 * The host command that runs the isolation with util-linux only: the same view through mounts and pivot_root, and no
 * capabilities. It is weaker: the user inside is mapped to root of the namespace, and can create further namespaces.
 */
export function namespacesCommand(what: Isolation): string {
  const env = Object.entries(what.env).map(([name, value]) => `${name}=${value}`);
  const run = ["env", "-i", ...env, "setpriv", "--bounding-set=-all", "--inh-caps=-all", "--no-new-privs"];
  const script = [
    "set -e",
    // The folders of util-linux. The command's own PATH may lack them.
    "PATH=/usr/sbin:/usr/bin:/sbin:/bin",
    `R=${quote(what.rootDir)}`,
    "mount -t tmpfs tmpfs $R",
    ...what.mounts.flatMap(namespaceMount),
    "mkdir -p $R/.host",
    ...(what.network ? [] : ["ip link set lo up 2>/dev/null || ifconfig lo up"]),
    "cd $R && pivot_root . .host && umount -l /.host && rmdir /.host",
    "mount -o remount,bind,ro / 2>/dev/null || mount -o remount,bind,ro,nosuid,nodev /",
    `cd ${quote(what.cwd)}`,
    `echo '{ "exit-code": "started" }' >&9`,
    // Not exec: process 1 ignores signals, and a signal must be able to end the command.
    `${[...run, ...limited(what.limits, what.command)].map(quote).join(" ")} 9>&- || exit $?`,
  ].join("\n");
  const own = ["--user", "--map-root-user", "--mount", "--pid", "--ipc", "--uts", "--fork", "--kill-child"];
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
  }
}
