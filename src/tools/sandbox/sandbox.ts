import { randomInt } from "node:crypto";
import { rmSync } from "node:fs";
import { chmod, mkdir, mkdtemp, readFile, realpath, rm, stat, writeFile } from "node:fs/promises";
import { availableParallelism, constants, tmpdir } from "node:os";
import { dirname, join, relative, resolve } from "node:path";
import type { ProcessEnd, SandboxGrade } from "../../domain/evidence.ts";
import type { CommandSpec, ProcessResult } from "../../domain/ports/processRunner.ts";
import type { Sandbox, SandboxResult } from "../../domain/ports/sandbox.ts";
import type { Workspace } from "../../domain/ports/workspace.ts";
import { commandDir } from "../git/folderLayout.ts";
import { OUT, readCollected } from "./collectedFiles.ts";
import { type DiskLimits, watchDisk } from "./diskWatch.ts";
import { bubblewrapCommand, type Isolation, type Limits, namespacesCommand, quote } from "./isolationCommand.ts";
import { probeScript } from "./kernelProbe.ts";
import { etcSources, FILES, HOME, type Mount, systemMounts, workspaceMounts } from "./mounts.ts";
import { defaultPath, type LocalProcessRunner } from "./processRunner.ts";
import { seccompFilter } from "./seccompFilter.ts";

/** How the sandbox runs commands, and what they may use. */
export interface SandboxOptions {
  processes: LocalProcessRunner;
  /** The strongest grade to try. Default: bubblewrap. */
  maximum?: SandboxGrade;
  /** Further host folders that commands may read: toolchains outside the system's folders. */
  readOnlyPaths?: readonly string[];
  /** PATH of the commands. Default: this Node's folder and the system's folders. */
  path?: string;
  limits?: Partial<Limits & DiskLimits>;
  /**
   * Folder in which the sandbox keeps its own small files, in a folder of its own that is emptied at the start. Default:
   * a temporary one, removed when selfheal exits.
   */
  scratch?: string;
}

type SandboxSpec = Omit<CommandSpec, "cwd"> & {
  /**
   * File contents by name. They are placed in a read-only folder, and the environment variable of each name is the
   * file's path.
   */
  files?: Record<string, string>;
  /**
   * Whether the command uses the host's network. Only for an operator's setup command on the base commit; default
   * false.
   */
  network?: boolean;
  /** Gives the command a folder to write reports to (`$SELFHEAL_OUT`). Its files are read afterwards. */
  collect?: boolean;
};

/** A sandbox on this machine. */
export interface LocalSandbox extends Sandbox {
  run(workspace: Workspace, spec: SandboxSpec): Promise<SandboxResult>;
  /** Why each stronger grade does not work on this machine. */
  readonly weakness: readonly string[];
}

const GRADES: readonly SandboxGrade[] = ["bubblewrap", "namespaces", "none"];

/**
 * Tries each grade with a real command, strongest first. The first grade that isolates is the sandbox's `grade`. If
 * none does, the grade is `none`, and `weakness` says why.
 *
 * @example
 * const sandbox = await createSandbox({ processes: createProcessRunner() });
 * const { end, stdout } = await sandbox.run(workspace, { command: "npm test", timeoutMs: 60_000 });
 */
export async function createSandbox(options: SandboxOptions): Promise<LocalSandbox> {
  const scratch = await ownScratch(options.scratch);
  const ground = await prepare(options, scratch);
  const weakness: string[] = [];
  for (const grade of GRADES.slice(GRADES.indexOf(options.maximum ?? "bubblewrap"))) {
    if (grade === "none") break;
    for (const disableUserns of grade === "bubblewrap" ? [true, false] : [false]) {
      const context = { ...ground, grade, disableUserns, weakness };
      const sandbox = confined(context);
      const fault = await selfTest(context, sandbox);
      if (fault === null) return sandbox.sandbox;
      weakness.push(`${grade}: ${fault}`);
    }
  }
  return unconfined(options, ground, weakness);
}

/** A folder of its own. In a folder that the operator gives, nothing else is touched. */
async function ownScratch(given: string | undefined): Promise<string> {
  if (given === undefined) return temporaryScratch();
  const own = join(given, "sandbox-scratch");
  await rm(own, { recursive: true, force: true });
  return own;
}

async function temporaryScratch(): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), "selfheal-sandbox-"));
  process.once("exit", () => rmSync(dir, { recursive: true, force: true }));
  return dir;
}

interface SandboxContext {
  processes: LocalProcessRunner;
  scratch: string;
  etc: string;
  system: Mount[];
  path: string;
  limits: Limits & DiskLimits;
  seccompFile: string | null;
  uid: number | null;
}

/**
 * The first of the user ids that commands run with when selfheal runs as root: outside of the ranges that distributions,
 * systemd and container engines give away (https://systemd.io/UIDS-GIDS). Each sandbox takes one of 65,536, so that the
 * limit of processes holds for it alone.
 */
const FIRST_UID = 1_900_000_000;

function unprivilegedUid(): number | null {
  return process.getuid?.() === 0 ? FIRST_UID + randomInt(65_536) : null;
}

async function prepare(options: SandboxOptions, scratch: string): Promise<SandboxContext> {
  // Every user may enter: each run's own folder in it belongs to the user that the run becomes.
  await mkdir(scratch, { recursive: true });
  await chmod(scratch, 0o755);
  const etc = join(scratch, "etc");
  await mkdir(etc, { recursive: true });
  await mkdir(join(scratch, "root"), { recursive: true });
  const texts = {
    hosts: "127.0.0.1 localhost sandbox\n::1 localhost\n",
    passwd: `root:x:0:0::/root:/bin/sh\nselfheal:x:1000:1000::${HOME}:/bin/sh\n`,
    group: "root:x:0:\nselfheal:x:1000:\n",
    "resolv.conf": "",
    "nsswitch.conf": "passwd: files\ngroup: files\nhosts: files dns\n",
  };
  for (const [name, text] of Object.entries(texts)) await writeFile(join(etc, name), text);
  await writeFile(join(scratch, "empty"), "");
  const filter = seccompFilter();
  const seccompFile = filter === null ? null : join(scratch, "seccomp");
  if (filter !== null && seccompFile !== null) await writeFile(seccompFile, filter);
  for (const source of etcSources()) await mountPoint(source, join(etc, relative("/etc", source)));
  return {
    processes: options.processes,
    scratch,
    etc,
    system: systemMounts(etc, options.readOnlyPaths ?? []),
    path: options.path ?? defaultPath(),
    seccompFile,
    uid: unprivilegedUid(),
    limits: {
      processes: Math.max(512, 64 * availableParallelism()),
      memoryBytes: 4 * 1024 ** 3,
      fileBytes: 512 * 1024 ** 2,
      diskBytes: 1024 ** 3,
      diskFiles: 50_000,
      ...options.limits,
    },
  };
}

/** Creates a mount point for `source`. It must exist before its parent is mounted read-only. */
async function mountPoint(source: string, at: string): Promise<void> {
  if ((await stat(source)).isDirectory()) {
    await mkdir(at, { recursive: true });
    return;
  }
  await mkdir(dirname(at), { recursive: true });
  await writeFile(at, "");
}

interface Confined {
  sandbox: LocalSandbox;
  runIn(mounts: readonly Mount[], cwd: string, spec: SandboxSpec): Promise<SandboxResult>;
}

function confined(
  ground: SandboxContext & { grade: "bubblewrap" | "namespaces"; disableUserns: boolean; weakness: readonly string[] },
): Confined {
  const runIn: Confined["runIn"] = async (mounts, cwd, spec) => {
    const own = await mkdtemp(join(ground.scratch, "run-"));
    try {
      const files = await placeFiles(own, spec.files);
      const reports = await placeReports(own, spec);
      const confinement: Isolation = {
        command: spec.command,
        cwd,
        env: { ...plainEnvironment(ground.path, HOME), ...files.env(FILES), ...reports.env(OUT), ...spec.env },
        mounts: [...ground.system, ...resolverMounts(spec), ...mounts, ...files.mounts, ...reports.mounts],
        network: spec.network === true,
        limits: ground.limits,
        statusFile: join(own, "status"),
        rootDir: join(ground.scratch, "root"),
        disableUserns: ground.disableUserns,
        seccompFile: ground.seccompFile,
        uid: ground.uid,
        ownedFolders: [own, ...mounts.flatMap((mount) => (mount.kind === "writable" ? [mount.from] : []))],
      };
      const command = ground.grade === "bubblewrap" ? bubblewrapCommand(confinement) : namespacesCommand(confinement);
      const { timeoutMs } = spec;
      const full = new AbortController();
      const watch = watchDisk(confinement.ownedFolders, ground.limits, () => full.abort());
      const signal = spec.signal === undefined ? full.signal : AbortSignal.any([spec.signal, full.signal]);
      const result = await ground.processes
        .run({ command, cwd: own, timeoutMs, leftovers: "kill", signal })
        .finally(() => watch.stop());
      if (full.signal.aborted) return { ...result, ...tooMuchWritten(result, ground.limits) };
      const end = await endInside(result, confinement.statusFile);
      return { ...result, end, ...(await reports.read()) };
    } finally {
      await rm(own, { recursive: true, force: true });
    }
  };
  return {
    runIn,
    sandbox: {
      grade: ground.grade,
      weakness: ground.weakness,
      async run(workspace, spec) {
        const mounts = await workspaceMounts(workspace, join(ground.scratch, "empty"));
        return runIn(mounts, commandDir(await realpath(workspace.service.repo), workspace.service), spec);
      },
    },
  };
}

function plainEnvironment(path: string, home: string): Record<string, string> {
  return { PATH: path, LANG: "C.UTF-8", HOME: home, TMPDIR: "/tmp", CI: "1" };
}

function resolverMounts(spec: SandboxSpec): Mount[] {
  return spec.network === true ? [{ kind: "readOnly", from: "/etc/resolv.conf", at: "/etc/resolv.conf" }] : [];
}

interface PlacedReports {
  dir: string;
  mounts: Mount[];
  env(folder: string): Record<string, string>;
  read(): Promise<{ collected?: Record<string, string> }>;
}

async function placeReports(own: string, spec: SandboxSpec): Promise<PlacedReports> {
  const dir = join(own, "out");
  if (spec.collect !== true) return { dir, mounts: [], env: () => ({}), read: async () => ({}) };
  await mkdir(dir);
  return {
    dir,
    mounts: [{ kind: "writable", from: dir, at: OUT }],
    env: (folder) => ({ SELFHEAL_OUT: folder }),
    read: async () => ({ collected: await readCollected(dir) }),
  };
}

interface PlacedFiles {
  mounts: Mount[];
  env(folder: string): Record<string, string>;
  dir: string;
}

async function placeFiles(own: string, files: Record<string, string> = {}): Promise<PlacedFiles> {
  const dir = join(own, "files");
  const names = Object.keys(files).map((name) => ({ name, file: `${name.replace(/[^\w-]/g, "_")}.json` }));
  if (names.length > 0) await mkdir(dir);
  for (const { name, file } of names) await writeFile(join(dir, file), files[name] ?? "");
  return {
    dir,
    mounts: names.length === 0 ? [] : [{ kind: "readOnly", from: dir, at: FILES }],
    env: (folder) => Object.fromEntries(names.map(({ name, file }) => [name, join(folder, file)])),
  };
}

/**
 * How the command inside the sandbox ended. Without a status, the sandbox itself could not be set up, whatever the exit
 * code. A shell and bubblewrap report a signal as 128 + its number, which becomes that signal again.
 */
async function endInside(result: ProcessResult, statusFile: string): Promise<ProcessEnd> {
  const { end } = result;
  if (end.kind !== "exit") return end;
  const status = await readFile(statusFile, "utf8").catch(() => "");
  if (!status.includes('"exit-code"')) {
    return { kind: "unstartable", reason: `the sandbox could not be set up: ${result.stderr.trim().slice(-500)}` };
  }
  return signalEndOf(end);
}

/** As the kernel ends a process that exceeds its limit of file size. */
function tooMuchWritten(
  { stderr }: ProcessResult,
  { diskBytes, diskFiles }: DiskLimits,
): Pick<ProcessResult, "end" | "stderr"> {
  const why = `selfheal stopped the command: it wrote more than ${Math.round(diskBytes / 1024 ** 2)} MiB or ${diskFiles} files`;
  return { end: { kind: "signal", signal: "SIGXFSZ" }, stderr: `${stderr}\n${why}\n` };
}

function signalEndOf(end: ProcessEnd): ProcessEnd {
  if (end.kind !== "exit" || end.code <= 128) return end;
  const name = Object.entries(constants.signals).find(([, number]) => number === end.code - 128)?.[0];
  return name === undefined ? end : { kind: "signal", signal: name };
}

/**
 * Asks the kernel, with the shell and Node that commands will use, for what must be refused (`kernelProbe.ts`), and
 * looks from outside whose file the command wrote. null when everything was refused.
 */
async function selfTest(
  ground: SandboxContext & { grade: SandboxGrade; disableUserns: boolean },
  { runIn }: Confined,
): Promise<string | null> {
  const work = await mkdtemp(join(ground.scratch, "work-"));
  const filtered = ground.grade === "bubblewrap";
  if (filtered && ground.seccompFile === null) return `there is no seccomp filter for ${process.arch}`;
  try {
    const mounts: Mount[] = [{ kind: "writable", from: work, at: "/selfheal-test" }];
    const command = `node -e ${quote(probeScript({ outside: join(ground.scratch, "empty"), filtered }))}`;
    const result = await runIn(mounts, "/selfheal-test", { command, timeoutMs: 10_000 });
    if (result.end.kind !== "exit" || result.end.code !== 0)
      return `${JSON.stringify(result.end)} ${result.stderr.trim().slice(-300)}`;
    const { uid } = await stat(join(work, "written"));
    return uid === 0 ? "its commands are root on the host" : null;
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

/**
 * No isolation except a cleared environment. In the command, the original repository's path is replaced by the tree's.
 */
function unconfined(options: SandboxOptions, ground: SandboxContext, weakness: readonly string[]): LocalSandbox {
  return {
    grade: "none",
    weakness,
    async run(workspace, spec) {
      const own = await mkdtemp(join(ground.scratch, "run-"));
      try {
        const files = await placeFiles(own, spec.files);
        const reports = await placeReports(own, spec);
        const home = join(own, "home");
        await mkdir(home);
        const { timeoutMs, signal } = spec;
        const { repo } = workspace.service;
        const result = await options.processes.run({
          command: spec.command.replaceAll(resolve(repo), workspace.dir),
          cwd: commandDir(workspace.dir, workspace.service),
          timeoutMs,
          leftovers: "kill",
          env: {
            ...plainEnvironment(ground.path, home),
            TMPDIR: home,
            ...files.env(files.dir),
            ...reports.env(reports.dir),
            ...spec.env,
          },
          ...(signal && { signal }),
        });
        return { ...result, end: signalEndOf(result.end), ...(await reports.read()) };
      } finally {
        await rm(own, { recursive: true, force: true });
      }
    },
  };
}
