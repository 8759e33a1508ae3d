/**
 * A seccomp program (classic BPF) as bytes, as `bwrap --seccomp` reads it. It denies calls that a test suite does not
 * need and that face the kernel's widest surface: namespaces, mounts, tracing, keys, BPF, modules, io_uring. The numbers
 * are those of the kernel's syscall tables (`arch/x86/entry/syscalls/syscall_64.tbl`, `include/uapi/asm-generic/unistd.h`).
 */
const X64: Readonly<Record<string, number>> = {
  ptrace: 101,
  syslog: 103,
  personality: 135,
  pivot_root: 155,
  acct: 163,
  settimeofday: 164,
  mount: 165,
  umount2: 166,
  swapon: 167,
  swapoff: 168,
  reboot: 169,
  sethostname: 170,
  setdomainname: 171,
  iopl: 172,
  ioperm: 173,
  init_module: 175,
  delete_module: 176,
  quotactl: 179,
  lookup_dcookie: 212,
  clock_settime: 227,
  kexec_load: 246,
  add_key: 248,
  request_key: 249,
  keyctl: 250,
  migrate_pages: 256,
  unshare: 272,
  move_pages: 279,
  perf_event_open: 298,
  fanotify_init: 300,
  name_to_handle_at: 303,
  open_by_handle_at: 304,
  clock_adjtime: 305,
  setns: 308,
  process_vm_readv: 310,
  process_vm_writev: 311,
  kcmp: 312,
  finit_module: 313,
  kexec_file_load: 320,
  bpf: 321,
  userfaultfd: 323,
  io_uring_setup: 425,
  io_uring_enter: 426,
  io_uring_register: 427,
  open_tree: 428,
  move_mount: 429,
  fsopen: 430,
  fsconfig: 431,
  fsmount: 432,
  fspick: 433,
  pidfd_getfd: 438,
  mount_setattr: 442,
};

const ARM64: Readonly<Record<string, number>> = {
  ptrace: 117,
  syslog: 116,
  personality: 92,
  pivot_root: 41,
  acct: 89,
  settimeofday: 170,
  mount: 40,
  umount2: 39,
  swapon: 224,
  swapoff: 225,
  reboot: 142,
  sethostname: 161,
  setdomainname: 162,
  init_module: 105,
  delete_module: 106,
  quotactl: 60,
  lookup_dcookie: 18,
  clock_settime: 112,
  kexec_load: 104,
  add_key: 217,
  request_key: 218,
  keyctl: 219,
  migrate_pages: 238,
  unshare: 97,
  move_pages: 239,
  perf_event_open: 241,
  fanotify_init: 262,
  name_to_handle_at: 264,
  open_by_handle_at: 265,
  clock_adjtime: 266,
  setns: 268,
  process_vm_readv: 270,
  process_vm_writev: 271,
  kcmp: 272,
  finit_module: 273,
  kexec_file_load: 294,
  bpf: 280,
  userfaultfd: 282,
  io_uring_setup: 425,
  io_uring_enter: 426,
  io_uring_register: 427,
  open_tree: 428,
  move_mount: 429,
  fsopen: 430,
  fsconfig: 431,
  fsmount: 432,
  fspick: 433,
  pidfd_getfd: 438,
  mount_setattr: 442,
};

interface Machine {
  /** AUDIT_ARCH of the kernel's `linux/audit.h`. */
  audit: number;
  denied: Readonly<Record<string, number>>;
  clone: number;
  clone3: number;
  socket: number;
  ioctl: number;
}

const MACHINES: Readonly<Record<string, Machine>> = {
  x64: { audit: 0xc000003e, denied: X64, clone: 56, clone3: 435, socket: 41, ioctl: 16 },
  arm64: { audit: 0xc00000b7, denied: ARM64, clone: 220, clone3: 435, socket: 198, ioctl: 29 },
};

/** Calls of the x32 ABI have this bit, and would pass a list of numbers. */
const X32_BIT = 0x40000000;
/** CLONE_NEWNS, NEWCGROUP, NEWUTS, NEWIPC, NEWUSER, NEWPID, NEWNET. */
const NEW_NAMESPACES = 0x7e020000;
/** Terminal input on behalf of another process: TIOCSTI, TIOCLINUX. */
const TERMINAL_INPUT = [0x5412, 0x541c];
const AF_NETLINK = 16;
const SOCK_RAW = 3;
/** AF_UNIX, AF_INET, AF_INET6. AF_NETLINK is needed to list the interfaces (`os.networkInterfaces`). */
const FAMILIES = [1, 2, 10, AF_NETLINK];
const TYPE_MASK = 0xf;

const EPERM = 1;
const ENOSYS = 38;
const ALLOW = 0x7fff0000;
const KILL = 0x80000000;
const errno = (code: number) => 0x00050000 | code;

const LOAD = 0x20;
const AND = 0x54;
const JUMP_EQUAL = 0x15;
const JUMP_GREATER_EQUAL = 0x35;
const JUMP_SET = 0x45;
const RETURN = 0x06;
/** Offsets in `struct seccomp_data`: the number, the architecture, and the low half of an argument. */
const NUMBER = 0;
const ARCHITECTURE = 4;
const argument = (index: number) => 16 + 8 * index;

type Instruction = readonly [code: number, yes: number, no: number, value: number];

const load = (offset: number): Instruction => [LOAD, 0, 0, offset];
const answer = (value: number): Instruction => [RETURN, 0, 0, value];

/**
 * The filter for this machine's architecture; null where none is known. A denied call fails with EPERM; `clone3` with
 * ENOSYS, so that the C library falls back to `clone`, whose flags can be seen. Another architecture's calls kill.
 */
export function seccompFilter(architecture: string = process.arch): Buffer | null {
  const machine = MACHINES[architecture];
  if (machine === undefined) return null;
  const program: Instruction[] = [
    load(ARCHITECTURE),
    [JUMP_EQUAL, 1, 0, machine.audit],
    answer(KILL),
    load(NUMBER),
    ...(architecture === "x64" ? [[JUMP_GREATER_EQUAL, 0, 1, X32_BIT] as const, answer(KILL)] : []),
    ...Object.values(machine.denied).flatMap((number): Instruction[] => [
      [JUMP_EQUAL, 0, 1, number],
      answer(errno(EPERM)),
    ]),
    [JUMP_EQUAL, 0, 1, machine.clone3],
    answer(errno(ENOSYS)),
    ...when(machine.clone, [load(argument(0)), [JUMP_SET, 0, 1, NEW_NAMESPACES], answer(errno(EPERM))]),
    ...when(machine.ioctl, [
      load(argument(1)),
      ...TERMINAL_INPUT.flatMap((request): Instruction[] => [[JUMP_EQUAL, 0, 1, request], answer(errno(EPERM))]),
    ]),
    ...when(machine.socket, socketRules()),
    answer(ALLOW),
  ];
  return Buffer.concat(program.map(encoded));
}

/** Only local and internet sockets; raw ones need privileges anyway, and are denied too (netlink is always raw). */
function socketRules(): Instruction[] {
  const families = FAMILIES.map((family, i): Instruction => [JUMP_EQUAL, FAMILIES.length - i, 0, family]);
  return [
    load(argument(0)),
    ...families,
    answer(errno(EPERM)),
    [JUMP_EQUAL, 4, 0, AF_NETLINK],
    load(argument(1)),
    [AND, 0, 0, TYPE_MASK],
    [JUMP_EQUAL, 0, 1, SOCK_RAW],
    answer(errno(EPERM)),
  ];
}

/** The rules for one call. After them the program goes on with the call's number. */
function when(number: number, rules: readonly Instruction[]): Instruction[] {
  return [[JUMP_EQUAL, 0, rules.length, number], ...rules, load(NUMBER)];
}

function encoded([code, yes, no, value]: Instruction): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeUInt16LE(code, 0);
  bytes.writeUInt8(yes, 2);
  bytes.writeUInt8(no, 3);
  bytes.writeUInt32LE(value >>> 0, 4);
  return bytes;
}
