/** One attempt to leave the sandbox: a shell command that ends with 0 exactly if it got out. It changes nothing outside. */
export interface Attempt {
  name: string;
  command: string;
  /**
   * Success reaches only more of the kernel, or root of the command's own user namespace. The grade `namespaces` does
   * not promise to hold it.
   */
  surface?: boolean;
}

/** What the host offers as bait. */
export interface Bait {
  /** A file of the host that only selfheal may read. */
  secretFile: string;
  /** A folder of the host beside the worktree. */
  folder: string;
  /** A port of the host's loopback that listens. */
  port: number;
  /** The process id of selfheal on the host. */
  pid: number;
  /** A variable of selfheal's environment, and its value. */
  variable: string;
  /** A file of a dependency that is shared with other worktrees. */
  dependency: string;
}

/** A system call with arguments that change nothing. It is held if the kernel says EPERM, EACCES or ENOSYS. */
function call(name: string, number: number, args = "-1, 0, 0, 0, 0, 0"): Attempt {
  // EINVAL: the user id does not exist in the sandbox.
  const refused = /^set/.test(name) ? "|| $!{EINVAL}" : "";
  const held = `$r == -1 && ($!{EPERM} || $!{EACCES} || $!{ENOSYS} ${refused})`;
  return {
    name: `syscall ${name}`,
    surface: true,
    command: `perl -MErrno -e 'my $r = syscall(${number}, ${args}); exit((${held}) ? 1 : 0)'`,
  };
}

/** Numbers of x86_64. */
const CALLS: readonly Attempt[] = [
  call("ptrace (attach)", 101, "16, 1, 0, 0"),
  call("ptrace (traceme)", 101, "0, 0, 0, 0"),
  call("syslog", 103, "10, 0, 0"),
  call("personality", 135, "0xffffffff"),
  call("pivot_root", 155, "0, 0"),
  call("acct", 163, "0"),
  call("settimeofday", 164, "0, 0"),
  call("mount", 165, "0, 0, 0, 0, 0"),
  call("umount2", 166, "0, 0"),
  call("swapon", 167, "0, 0"),
  call("swapoff", 168, "0"),
  call("reboot (bad magic)", 169, "1, 1, 0, 0"),
  call("sethostname", 170, "0, 1"),
  call("setdomainname", 171, "0, 1"),
  call("iopl", 172, "3"),
  call("ioperm", 173, "0, 1, 1"),
  call("init_module", 175, "0, 0, 0"),
  call("delete_module", 176, "0, 0"),
  call("quotactl", 179, "-1, 0, 0, 0"),
  call("lookup_dcookie", 212, "0, 0, 0"),
  call("clock_settime", 227, "0, 0"),
  call("kexec_load", 246, "0, 0, 0, 0xffff"),
  call("add_key", 248, "0, 0, 0, 0, 0"),
  call("request_key", 249, "0, 0, 0, 0"),
  call("keyctl", 250, "0, -3, 0, 0, 0"),
  call("migrate_pages", 256, "0, 0, 0, 0"),
  call("unshare (user)", 272, "0x10000000"),
  call("unshare (mount)", 272, "0x20000"),
  call("unshare (net)", 272, "0x40000000"),
  call("move_pages", 279, "0, 0, 0, 0, 0, 0"),
  call("perf_event_open", 298, "0, 0, -1, -1, 0"),
  call("fanotify_init", 300, "0, 0"),
  call("name_to_handle_at", 303, "-100, 0, 0, 0, 0"),
  call("open_by_handle_at", 304, "-1, 0, 0"),
  call("clock_adjtime", 305, "0, 0"),
  call("setns", 308, "-1, 0"),
  call("process_vm_readv", 310, "1, 0, 0, 0, 0, 0"),
  call("process_vm_writev", 311, "1, 0, 0, 0, 0, 0"),
  call("kcmp", 312, "1, 1, 0, 0, 0"),
  call("finit_module", 313, "-1, 0, 0"),
  call("kexec_file_load", 320, "-1, -1, 0, 0, 0"),
  call("bpf", 321, "0, 0, 0"),
  call("userfaultfd", 323, "0"),
  call("io_uring_setup", 425, "1, 0"),
  call("io_uring_enter", 426, "-1, 0, 0, 0, 0, 0"),
  call("io_uring_register", 427, "-1, 0, 0, 0"),
  call("open_tree", 428, "-1, 0, 0"),
  call("move_mount", 429, "-1, 0, -1, 0, 0"),
  call("fsopen", 430, "0, 0"),
  call("fsconfig", 431, "-1, 0, 0, 0, 0"),
  call("fsmount", 432, "-1, 0, 0"),
  call("fspick", 433, "-1, 0, 0"),
  call("clone3", 435, "0, 0"),
  call("pidfd_getfd", 438, "-1, 0, 0"),
  call("mount_setattr", 442, "-1, 0, 0, 0, 0"),
  call("clone (new user namespace)", 56, "0x10000000 | 17, 0, 0, 0, 0"),
  call("clone (new mount namespace)", 56, "0x20000 | 17, 0, 0, 0, 0"),
  call("setuid 0", 105, "0"),
  call("setgid 0", 106, "0"),
  call("setgroups", 116, "0, 0"),
  call("setresuid 0", 117, "0, 0, 0"),
  call("setpriority (higher)", 141, "0, 0, -10"),
  call("vhangup", 153, "0"),
];

function socket(name: string, family: number, type: number, protocol: number): Attempt {
  return {
    name: `socket ${name}`,
    surface: family === 40,
    command: `perl -e 'exit(socket(my $s, ${family}, ${type}, ${protocol}) ? 0 : 1)'`,
  };
}

const SOCKETS: readonly Attempt[] = [
  socket("packet", 17, 3, 768),
  socket("raw IPv4", 2, 3, 1),
  socket("raw IPv6", 10, 3, 58),
  socket("kernel crypto (AF_ALG)", 38, 5, 0),
  socket("vsock", 40, 1, 0),
  socket("key (AF_KEY)", 15, 3, 2),
  socket("bluetooth", 31, 3, 1),
  socket("can", 29, 3, 1),
  socket("xdp", 44, 3, 0),
  socket("rds", 21, 5, 0),
  socket("tipc", 30, 1, 0),
];

/** Opens for writing and closes again: nothing is written. */
function opens(path: string): string {
  return `perl -MFcntl -e 'exit(sysopen(my $f, "${path}", O_WRONLY) ? 0 : 1)'`;
}

const KNOBS: readonly Attempt[] = [
  ...[
    "/proc/sys/kernel/core_pattern",
    "/proc/sys/kernel/modprobe",
    "/proc/sys/kernel/hotplug",
    "/proc/sys/kernel/poweroff_cmd",
    "/proc/sys/kernel/usermodehelper/bset",
    "/proc/sys/fs/binfmt_misc/register",
    "/proc/sys/vm/drop_caches",
    "/proc/sys/vm/overcommit_memory",
    "/proc/sysrq-trigger",
    "/proc/irq/default_smp_affinity",
    "/proc/acpi/wakeup",
    "/proc/mtrr",
    "/sys/kernel/uevent_helper",
    "/sys/fs/cgroup/cgroup.procs",
    "/sys/fs/cgroup/release_agent",
    "/sys/power/state",
    "/dev/mem",
    "/dev/kmem",
    "/dev/port",
    "/dev/kmsg",
    "/dev/sda",
    "/dev/vda",
    "/dev/fuse",
    "/dev/kvm",
    "/dev/net/tun",
    "/dev/loop-control",
  ].map((path) => ({ name: `open ${path}`, command: opens(path) })),
  {
    name: "any file of /proc/sys opens for writing",
    command: `perl -MFile::Find -MFcntl -e 'my $n = 0; find({ no_chdir => 1, wanted => sub { return unless -f $_; if (sysopen(my $f, $_, O_WRONLY | O_NONBLOCK)) { $n++; print "$_\\n" } } }, "/proc/sys"); exit($n ? 0 : 1)'`,
  },
  { name: "read /proc/kcore", command: "head -c 1 /proc/kcore | grep -q ." },
  { name: "read /proc/keys", command: "test -s /proc/keys && grep -q . /proc/keys" },
  { name: "read /proc/timer_list", command: "grep -q . /proc/timer_list" },
  { name: "read kernel addresses", command: "grep -qv '^0000000000000000' /proc/kallsyms" },
  { name: "read the kernel's log", command: "dmesg | grep -q ." },
  { name: "lower oom_score_adj", command: "sh -c 'echo -1000 > /proc/self/oom_score_adj'" },
  { name: "map root in uid_map", command: "sh -c 'echo 0 0 1 > /proc/self/uid_map'" },
  { name: "raise the core limit", command: "sh -c 'ulimit -c unlimited'" },
];

const PROGRAMS: readonly Attempt[] = [
  { name: "unshare user", surface: true, command: "unshare -U true" },
  { name: "unshare as root", surface: true, command: "unshare -Ur true" },
  { name: "unshare network", command: "unshare -n true" },
  { name: "a nested bubblewrap", surface: true, command: "bwrap --unshare-user --ro-bind / / true" },
  { name: "enter the namespaces of process 1", command: "nsenter -t 1 -m -u -i -n -p true" },
  { name: "mount tmpfs", command: "mount -t tmpfs tmpfs /tmp" },
  { name: "remount /usr writable", command: "mount -o remount,rw /usr" },
  { name: "bind over /etc", command: "mount --bind /tmp /etc" },
  { name: "chroot", command: "chroot / true" },
  { name: "mknod a disk", command: "mknod /tmp/disk b 8 0" },
  { name: "mknod memory", command: "mknod /tmp/mem c 1 1" },
  { name: "su", command: "su -c true root < /dev/null" },
  { name: "sudo", command: "sudo -n true" },
  {
    name: "any setuid program is effective",
    surface: true,
    command: "cp /bin/sh /tmp/suid && chmod u+s /tmp/suid && test \"$(/tmp/suid -p -c 'id -u')\" = 0",
  },
  { name: "be root", surface: true, command: "test $(id -u) = 0" },
  { name: "hold a capability", command: "grep -q '^Cap\\(Eff\\|Prm\\|Bnd\\|Amb\\):.*[1-9a-f]' /proc/self/status" },
  { name: "gain privileges by exec", command: "grep -q '^NoNewPrivs:.*0' /proc/self/status" },
  { name: "run without a seccomp filter", surface: true, command: "grep -q '^Seccomp:.*0' /proc/self/status" },
  { name: "chown to root", surface: true, command: "touch /tmp/own && chown 0:0 /tmp/own" },
  { name: "set the clock", command: "date -s 'not a date' 2>&1 | grep -qv 'invalid date'" },
  { name: "write to /usr", command: "touch /usr/selfheal-escape && rm /usr/selfheal-escape" },
  { name: "write to /etc", command: "touch /etc/selfheal-escape && rm /etc/selfheal-escape" },
  { name: "write to the root folder", command: "touch /selfheal-escape && rm /selfheal-escape" },
  { name: "read /etc/shadow", command: "cat /etc/shadow" },
  { name: "list /root", command: "ls -A /root | grep -q ." },
  { name: "list /home", command: "ls -A /home | grep -qv '^selfheal$'" },
  { name: "list /var/log", command: "ls -A /var/log | grep -q ." },
  { name: "reach docker", command: "test -S /var/run/docker.sock" },
  { name: "reach the system bus", command: "test -S /run/dbus/system_bus_socket" },
  { name: "see /boot", command: "ls -A /boot | grep -q ." },
  { name: "see /sys", command: "ls -A /sys | grep -q ." },
  { name: "write to .git", command: "touch .git/selfheal-escape" },
  { name: "replace .git", command: "rm -rf .git && mkdir .git" },
  { name: "see more than the own processes", command: "test $(ls -d /proc/[0-9]* | wc -l) -gt 60" },
  { name: "abstract sockets of the host", command: "grep -q '@' /proc/net/unix" },
];

const OUT: readonly [name: string, code: string][] = [
  ["TCP to the internet", 'c({ port: 53, host: "1.1.1.1" })'],
  ["TCP to the metadata address", 'c({ port: 80, host: "169.254.169.254" })'],
  ["TCP to a private network", 'c({ port: 80, host: "10.0.0.1" })'],
  ["TCP over IPv6", 'c({ port: 53, host: "2606:4700:4700::1111" })'],
];

/** All attempts on this machine, for what the host offers. */
export function attempts({ secretFile, folder, port, pid, variable, dependency }: Bait): Attempt[] {
  const connects = (code: string) =>
    `node -e 'const c = (o) => { const s = require("net").connect(o); s.on("connect", () => process.exit(0)); s.on("error", () => process.exit(1)); setTimeout(() => process.exit(1), 2000); }; ${code}'`;
  return [
    ...(process.arch === "x64" ? CALLS : []),
    ...SOCKETS,
    ...KNOBS,
    ...PROGRAMS,
    ...OUT.map(([name, code]) => ({ name, command: connects(code) })),
    { name: "the host's loopback", command: connects(`c({ port: ${port}, host: "127.0.0.1" })`) },
    {
      name: "UDP to the internet",
      command: `node -e 'require("dgram").createSocket("udp4").send("x", 53, "1.1.1.1", (e) => process.exit(e ? 1 : 0))'`,
    },
    {
      name: "resolve a name",
      command: `node -e 'require("dns").lookup("example.com", (e) => process.exit(e ? 1 : 0))'`,
    },
    { name: "read a secret of the host", command: `cat ${secretFile}` },
    { name: "read it through process 1", command: `cat /proc/1/root${secretFile}` },
    {
      name: "read it through a parent",
      command: `for p in /proc/[0-9]*; do cat $p/root${secretFile} && exit 0; done; exit 1`,
    },
    { name: "list the folder beside the worktree", command: `ls ${folder} | grep -q secret` },
    { name: "write beside the worktree", command: `touch ${folder}/selfheal-escape` },
    { name: "signal selfheal", command: `kill -0 ${pid}` },
    { name: "a variable of selfheal", command: `env | grep -q ${variable}` },
    { name: "a variable of selfheal, through process 1", command: `grep -q ${variable} /proc/1/environ` },
    { name: "write to a shared dependency", command: opens(dependency) },
    { name: "replace a shared dependency", command: `rm -f ${dependency} && test ! -e ${dependency}` },
  ];
}

/** One shell script that tries everything and prints `HELD` or `ESCAPED` with the name, a line each. */
export function scriptOf(all: readonly Attempt[]): string {
  return [
    ...all.map(
      ({ name, command }, i) =>
        `( ${command} ) > /tmp/attempt.${i} 2>&1 < /dev/null && echo "ESCAPED\t${name}" || echo "HELD\t${name}"`,
    ),
    "exit 0",
    "",
  ].join("\n");
}
