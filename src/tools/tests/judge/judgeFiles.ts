import { posix } from "node:path";
import type { CapturedEvent } from "../../../domain/event.ts";
import type { Workspace } from "../../../domain/ports/workspace.ts";
import type { Service } from "../../../domain/service.ts";
import { repositoryFile } from "../printedFrames.ts";
import { suiteOf } from "../testCommand.ts";
import { filesNamedBy } from "./commandFiles.ts";
import { isAppPath, isJudgePath, namesAHelper } from "./judgePaths.ts";
import { CODE, createFileFinder, type FileFinder, referencesOf } from "./references.ts";

/** Limits of the search: files that are read, and characters of each. */
const MAX_FILES = 4000;
const MAX_LENGTH = 400_000;

/** The files that judge a Patch, so that no Patch may change them. */
export interface JudgeFiles {
  /** Whether a path judges: also one that is not in the repository yet. */
  has(path: string): boolean;
}

/**
 * The files that judge Patches of a service: what its commands name and load, tests and what only they load, and the
 * configuration of runners and builds. What the application itself loads is not among them: a reproduction imports the
 * code under repair. The workspace must be at the base.
 *
 * - By its name: see `isJudgePath`. So is every file that the reproduction command names.
 * - A program that another command runs, unless the application loads it or package.json declares it as an entry.
 * - What those load, followed through the repository, unless the application loads it, or it lies where applications keep
 *   their code. The crashing file is the application's, unless it lies beside the scripts of the commands.
 */
export async function judgeFilesOf(workspace: Workspace, event: CapturedEvent | null): Promise<JudgeFiles> {
  const tracked = await workspace.files();
  const root = rootOf(workspace.service);
  const finder = createFileFinder(tracked);
  const read = (path: string) => workspace.read(path);
  const named = await namedFiles(workspace, root, { finder, read });
  const edges = await edgesOf(tracked, root, finder, read);
  const byName = tracked.filter(isJudgePath);
  const fixed = new Set([...byName, ...named.reproduction]);
  const starts = new Set([...fixed, ...named.programs]);
  // A test loads the code that it tests, and a build its entry point: they are not followed into the application.
  const loaded = reach(starts, edges, (from, to) => !isAppPath(to, root) || isBeside(from, to, root));
  const declared = (await declaredEntries(root, finder, read)).filter((file) => !fixed.has(file));
  const scripts = [...named.reproduction, ...named.programs];
  const crash = crashFiles(event, tracked).filter((file) => !fixed.has(file) && mayCrash(file, root, scripts));
  const others = tracked.filter((file) => CODE.test(file) && !loaded.has(file));
  const app = reach(new Set([...declared, ...crash, ...others]), edges, (_, to) => !fixed.has(to));
  const judges = new Set([...fixed, ...[...loaded].filter((file) => !app.has(file))]);
  return { has: (path) => isJudgePath(path) || judges.has(path) };
}

function rootOf({ root }: Service): string {
  return posix.normalize(root).replace(/\/$/, "");
}

/** A script among the application's own code: what it loads from its own folder may be its helper. */
function isBeside(from: string, to: string, root: string): boolean {
  return isAppPath(from, root) && !isJudgePath(from) && to.startsWith(`${posix.dirname(from)}/`);
}

/**
 * Whether a crash in this file is one of the application, and not of a script's helper: it lies where applications keep
 * their code, or no part of its path names a helper and it is in no folder of a script (the root is everybody's).
 */
function mayCrash(file: string, root: string, scripts: readonly string[]): boolean {
  if (isAppPath(file, root)) return true;
  const top = root === "" ? "." : root;
  const folders = scripts.map((script) => posix.dirname(script)).filter((folder) => folder !== top && folder !== ".");
  return !file.split("/").some(namesAHelper) && !folders.some((folder) => file.startsWith(`${folder}/`));
}

interface Named {
  reproduction: ReadonlySet<string>;
  programs: ReadonlySet<string>;
}

async function namedFiles(
  workspace: Workspace,
  root: string,
  ground: { finder: FileFinder; read: Workspace["read"] },
): Promise<Named> {
  const { service } = workspace;
  const reproduction = new Set<string>();
  const programs = new Set<string>();
  if (service.reproduceCommand !== undefined) {
    const named = await filesNamedBy(service.reproduceCommand, root, ground);
    for (const file of [...named.programs, ...named.others]) reproduction.add(file);
  }
  const suite = await suiteOf(workspace);
  for (const command of [...commandsOf(service), ...(suite === null ? [] : [suite.command])]) {
    const named = await filesNamedBy(command, root, ground);
    for (const file of named.programs) programs.add(file);
    // An input is part of the judge; code that a command is given is what it compiles, checks or deploys.
    for (const file of named.others) if (!CODE.test(file) && !isAppPath(file, root)) programs.add(file);
  }
  for (const companion of service.companionFiles) {
    const path = companion.startsWith(`${service.repo}/`) ? companion.slice(service.repo.length + 1) : companion;
    const file = ground.finder.from(".", path);
    if (file !== null) reproduction.add(file);
  }
  return { reproduction, programs };
}

function commandsOf(service: Service): string[] {
  const { health, canary } = service;
  return [
    service.setupCommand,
    service.buildCommand,
    service.typeCheckCommand,
    service.lintCommand,
    service.deployCommand,
    service.rollbackCommand,
    service.liveCommand,
    health?.command,
    canary?.command,
    canary?.promoteCommand,
    canary?.abortCommand,
    canary?.liveCommand,
    canary?.metricsCommand,
  ].filter((command) => command !== undefined);
}

type Edges = ReadonlyMap<string, readonly string[]>;

async function edgesOf(
  tracked: readonly string[],
  root: string,
  finder: FileFinder,
  read: Workspace["read"],
): Promise<Edges> {
  const edges = new Map<string, string[]>();
  for (const file of tracked.filter((one) => CODE.test(one) || isJudgePath(one)).slice(0, MAX_FILES)) {
    if (!CODE.test(file) && !/(?:^|\/)\.[\w-]+rc(?:\.\w+)?$|\.(?:json|ini|toml|cfg|ya?ml)$/.test(file)) continue;
    const text = await read(file).catch(() => "");
    if (text.length <= MAX_LENGTH) edges.set(file, referencesOf(file, text, root, finder));
  }
  return edges;
}

/** Everything that is reached from `starts` over edges that may be followed. */
function reach(starts: ReadonlySet<string>, edges: Edges, follow: (from: string, to: string) => boolean): Set<string> {
  const reached = new Set(starts);
  const queue = [...starts];
  for (let file = queue.pop(); file !== undefined; file = queue.pop()) {
    for (const target of edges.get(file) ?? []) {
      if (reached.has(target) || !follow(file, target)) continue;
      reached.add(target);
      queue.push(target);
    }
  }
  return reached;
}

/** The files that package.json declares as the application: what it exports and what it starts. */
async function declaredEntries(root: string, finder: FileFinder, read: Workspace["read"]): Promise<string[]> {
  const text = await read(posix.join(root, "package.json")).catch(() => null);
  if (text === null) return [];
  const found = new Set<string>();
  try {
    const declared = JSON.parse(text) as Record<string, unknown>;
    const { main = "index.js", module, browser, bin, exports, types } = declared;
    const scripts = (declared.scripts ?? {}) as Record<string, unknown>;
    for (const path of stringsIn([main, module, browser, bin, exports, types])) {
      const file = finder.from(root, path);
      if (file !== null) found.add(file);
    }
    for (const name of ["start", "dev", "serve"]) {
      const script = scripts[name];
      if (typeof script !== "string") continue;
      const named = await filesNamedBy(script, root, { finder, read });
      for (const file of named.programs) if (CODE.test(file)) found.add(file);
    }
  } catch {
    return [];
  }
  return [...found];
}

function stringsIn(value: unknown): string[] {
  if (typeof value === "string") return [value];
  return typeof value === "object" && value !== null ? Object.values(value).flatMap(stringsIn) : [];
}

/** The newest file of the repository on the stack of the exception, and of each of its causes. */
function crashFiles(event: CapturedEvent | null, tracked: readonly string[]): string[] {
  if (event === null) return [];
  return [event.exception, ...event.causes].flatMap(({ frames }) => {
    const files = frames.map((frame) => repositoryFile(frame.file, tracked));
    return files.find((file) => file !== null) ?? [];
  });
}
