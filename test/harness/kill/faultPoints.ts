import childProcess from "node:child_process";
import { EventEmitter } from "node:events";
import fs from "node:fs";
import http from "node:http";
import { createRequire, syncBuiltinESMExports } from "node:module";
import { basename, relative } from "node:path";

/**
 * Where a process kills itself: at its `at`-th point; at the `nth` (from 1) whose label holds `label`; or at the `nth` of
 * exactly this `point`, which is the same place in each journey, whatever else came to pass before it.
 */
export type Kill = { at: number } | { label: string; nth: number } | { point: string; nth: number };

export interface FaultPlan {
  /** The folder of the journey: what is changed outside it is no point. */
  dir: string;
  /** null: only write down the points. */
  kill: Kill | null;
  /** One line a point, in order: number, milliseconds since the epoch, stage, label. What was killed at is the last line. */
  pointsFile: string;
  /** Where messages are sent to. */
  receiver: string;
}

const { appendFileSync } = fs;
const kill = process.kill.bind(process);

/**
 * Counts every durable or outside effect of this process (SQLite commits, what the file system is asked to keep, commands
 * and git before they start, when they run and when they ended, answers to clients, messages to people), each before and
 * after it happens, and ends the process at one of them as `kill -9` does: at once, and its git children with it.
 */
export function armFaultPoints(plan: FaultPlan): void {
  const point = counter(plan);
  watchSqlite(point);
  watchFiles(point, plan.dir);
  watchCommands(point);
  watchAnswers(point);
  watchMessages(point, plan.receiver);
  // What was imported by name from Node's own modules sees the watched functions too.
  syncBuiltinESMExports();
}

/** A place in a process's life where it can be killed. */
export interface Point {
  /** From 1. */
  at: number;
  /** Milliseconds since the epoch. */
  ms: number;
  /** What was put on record last. */
  stage: string;
  label: string;
}

let stage = "start";

/** From here on, points are of this stage. */
export function enterStage(name: string): void {
  stage = name;
}

/** What a process wrote down; empty when it did not get that far. */
export function readPoints(file: string): Point[] {
  if (!fs.existsSync(file)) return [];
  const lines = fs.readFileSync(file, "utf8").split("\n").filter(Boolean);
  return lines.map((line) => {
    const [at = "", ms = "", during = "", ...label] = line.split(" ");
    return { at: Number(at), ms: Number(ms), stage: during, label: label.join(" ") };
  });
}

type Pass = (label: string) => void;

function counter({ kill: where, pointsFile }: FaultPlan): Pass {
  let count = 0;
  let matching = 0;
  return (label) => {
    count += 1;
    appendFileSync(pointsFile, `${count} ${Date.now()} ${stage} ${label}\n`);
    if (where === null) return;
    const matches = "label" in where ? label.includes(where.label) : "point" in where && label === where.point;
    if (matches) matching += 1;
    // The group: git works in it, while the commands of services have groups of their own and outlive the process.
    if ("at" in where ? count === where.at : matches && matching === where.nth) kill(0, "SIGKILL");
  };
}

// biome-ignore lint/complexity/noBannedTypes: any function of any class is watched in the same way.
type Method = Function;

/** Replaces a method by one that runs `around` it; `proceed` calls the original. */
function wrap(
  owner: object,
  name: string,
  around: (self: unknown, args: unknown[], proceed: () => unknown) => unknown,
) {
  const original = Reflect.get(owner, name) as Method;
  Reflect.set(owner, name, function watched(this: unknown, ...args: unknown[]) {
    return around(this, args, () => Reflect.apply(original, this, args));
  });
}

interface StatementLike {
  source: string;
  readonly: boolean;
  database: { inTransaction: boolean; name: string };
}

/** Commits: a COMMIT, or a statement that writes outside a transaction. Labelled with what is committed. */
function watchSqlite(point: Pass): void {
  const Database = createRequire(import.meta.url)("better-sqlite3") as typeof import("better-sqlite3");
  const memory = new Database(":memory:");
  const written = new Map<string, string[]>();
  wrap(Object.getPrototypeOf(memory.prepare("SELECT 1")) as object, "run", (self, _args, proceed) => {
    const { source, readonly, database } = self as StatementLike;
    const name = basename(database.name, ".sqlite");
    if (source === "COMMIT") {
      const label = `commit ${name}: ${[...new Set(written.get(name))].join(", ")}`;
      written.delete(name);
      return around(point, label, proceed);
    }
    if (readonly || source.startsWith("BEGIN") || source.startsWith("ROLLBACK")) return proceed();
    if (!database.inTransaction) return around(point, `commit ${name}: ${tableOf(source)}`, proceed);
    const known = written.get(name) ?? [];
    written.set(name, [...known, tableOf(source)]);
    return proceed();
  });
  memory.close();
}

function tableOf(sql: string): string {
  const match = /\b(INSERT|REPLACE|UPDATE|DELETE)\b(?: OR \w+)?(?:\s+(?:INTO|FROM))?\s+(\w+)/i.exec(sql.trim());
  return match === null ? sql.trim().slice(0, 40) : `${match[1]?.toLowerCase()} ${match[2]}`;
}

/** Before and after, whether the call is synchronous or not. */
function around(point: Pass, label: string, proceed: () => unknown): unknown {
  point(`before ${label}`);
  const result = proceed();
  if (!(result instanceof Promise)) {
    point(`after ${label}`);
    return result;
  }
  return result.then((value: unknown) => {
    point(`after ${label}`);
    return value;
  });
}

const CHANGES = ["rename", "writeFile", "appendFile", "mkdir", "rm", "unlink", "symlink", "copyFile", "cp", "link"];

/** What changes the file system below the folder, and every fsync. */
function watchFiles(point: Pass, dir: string): void {
  for (const name of CHANGES) {
    wrap(fs.promises, name, (_self, args, proceed) => {
      const path = placeOf(dir, name === "rename" ? args[1] : args[0]);
      return path === null ? proceed() : around(point, `${name} ${path}`, proceed);
    });
  }
  let watching = false;
  wrap(fs.promises, "open", (_self, args, proceed) => {
    const path = placeOf(dir, args[0]);
    return (proceed() as Promise<fs.promises.FileHandle>).then((handle) => {
      if (!watching) {
        watching = true;
        wrap(Object.getPrototypeOf(handle) as object, "sync", (self, _args, sync) =>
          around(point, `fsync ${opened.get(self as object) ?? "?"}`, sync),
        );
      }
      opened.set(handle, path ?? "?");
      return handle;
    });
  });
  const opened = new WeakMap<object, string>();
}

/** The path below the folder, without what differs from journey to journey; null when it lies elsewhere. */
function placeOf(dir: string, path: unknown): string | null {
  const place = relative(dir, String(path));
  if (place.startsWith("..")) return null;
  return place
    .replaceAll(/[0-9a-f]{8}-[0-9a-f-]{27}/g, "<id>")
    .replaceAll(/[0-9a-f]{40,64}/g, "<digest>")
    .replaceAll(/(?<=repos\/repo-)[0-9a-f]{12}|(?<=sandbox\/run-)\w{6}/g, "<id>")
    .replaceAll(/(?<=blobs\/)[0-9a-f]{2}(?:\/[0-9a-f]{2})?(?=\/|$)/g, "<digest>");
}

/** Commands of services, and git: before they start, once they are started, when they have ended; deploy commands amid, too. */
function watchCommands(point: Pass): void {
  wrap(childProcess, "spawn", (_self, args, proceed) => {
    const label = commandOf(String(args[0]), Array.isArray(args[1]) ? args[1].map(String) : []);
    point(`before ${label}`);
    const child = proceed() as childProcess.ChildProcess;
    child.once("exit", () => point(`after ${label}`));
    const { env = {} } = args.find(isOptions) ?? {};
    if (env.SELFHEAL_OUTPUT_FILE !== undefined) amid(child, env.SELFHEAL_OUTPUT_FILE, () => point(`amid ${label}`));
    point(`during ${label}`);
    return child;
  });
}

interface SpawnOptions {
  env?: Record<string, string>;
}

function isOptions(arg: unknown): arg is SpawnOptions {
  return typeof arg === "object" && arg !== null && !Array.isArray(arg);
}

/** Once the command has printed something. */
function amid(child: childProcess.ChildProcess, outputFile: string, then: () => void): void {
  const looking = setInterval(() => {
    if (!fs.existsSync(outputFile) || fs.statSync(outputFile).size === 0) return;
    clearInterval(looking);
    then();
  }, 10);
  child.once("exit", () => clearInterval(looking));
}

function commandOf(file: string, args: readonly string[]): string {
  if (file !== "git") return `command ${/: (\w+);/.exec(args.join(" "))?.[1] ?? "other"}`;
  // simple-git puts settings first: -c name=value.
  const words = args.filter((arg, i) => arg !== "-c" && args[i - 1] !== "-c");
  return `git ${words[0] ?? ""}`;
}

/** Messages to people: before, while nobody knows whether it left, and after. */
function watchMessages(point: Pass, receiver: string): void {
  wrap(globalThis, "fetch", (_self, args, proceed) => {
    if (!String(args[0]).startsWith(receiver)) return proceed();
    point("before send message");
    const sent = proceed() as Promise<Response>;
    point("during send message");
    return sent.then((reply) => {
      point("after send message");
      return reply;
    });
  });
}

/** Answers to requests that change something: what a client was told before the end. */
function watchAnswers(point: Pass): void {
  wrap(http.ServerResponse.prototype, "end", (self, _args, proceed) => {
    const { req } = self as http.ServerResponse;
    if (req.method !== "POST") return proceed();
    return around(point, `answer ${placeOf("/", req.url) ?? ""}`, proceed);
  });
  EventEmitter.defaultMaxListeners = 50;
}
