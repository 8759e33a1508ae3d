import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { copyFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import Database from "better-sqlite3";
import type { ChildOrder } from "./child.ts";
import { KEY } from "./script.ts";

/** One process of ingest. */
export interface Life {
  url: string;
  pid: number;
  /** Resolves when it is gone, with the signal that ended it. */
  gone: Promise<NodeJS.Signals | null>;
  isGone(): boolean;
  /** Kilobytes that it ever held in memory. */
  peakKb(): number;
  end(): Promise<void>;
}

/** Starts ingest over `dir`; a second start over the same folder goes on where the first one ended. */
export async function startLife(entry: string, order: ChildOrder): Promise<Life> {
  mkdirSync(order.dir, { recursive: true });
  const keys = [{ key: KEY, project: "shop", tier: "T1", allowInUrl: true }];
  const limits = { minFreeDiskBytes: 0 };
  writeFileSync(join(order.dir, "selfheal.config.json"), JSON.stringify({ dataDir: "data", keys, limits }));
  const child = spawn(process.execPath, [entry, JSON.stringify(order)], {
    stdio: ["ignore", "pipe", "ignore"],
    env: { PATH: process.env.PATH },
  });
  const gone = once(child, "exit").then(([, signal]) => signal as NodeJS.Signals | null);
  const line = once(createInterface({ input: child.stdout }), "line").then(([first]) => String(first));
  const url = await Promise.race([line, gone.then(() => null)]);
  if (url === null || child.pid === undefined) throw new Error("ingest ended before it listened");
  const { pid } = child;
  return {
    url,
    pid,
    gone,
    isGone: () => child.exitCode !== null || child.signalCode !== null,
    peakKb: () => Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]),
    end: async () => {
      child.kill("SIGKILL");
      await gone;
    },
  };
}

/** Whether system calls can be watched here, and made to fail. */
export const HAS_STRACE = spawnSync("strace", ["-V"]).status === 0;

/** Watches the system calls of a process's main thread, where SQLite and the sockets are, until `stop`. */
export async function trace(pid: number, args: readonly string[]): Promise<{ stop(): Promise<void> }> {
  const strace: ChildProcess = spawn("strace", ["-p", String(pid), ...args], { stdio: ["ignore", "ignore", "pipe"] });
  const gone = once(strace, "exit");
  let said = "";
  await new Promise<void>((resolve, reject) => {
    strace.stderr?.on("data", (piece) => {
      said += String(piece);
      if (/attached/.test(said)) resolve();
    });
    strace.once("exit", () => reject(new Error(`strace: ${said}`)));
  });
  return {
    stop: async () => {
      // It lets go of the process and ends.
      if (strace.exitCode === null && strace.signalCode === null) strace.kill("SIGINT");
      await gone;
    },
  };
}

/** What is on disk. */
export interface Stored {
  ids: string[];
  /** What the counter says was received. */
  received: number;
}

/** Reads the database as a start would find it, from a copy: looking changes nothing. */
export function storedIn(dir: string): Stored {
  const look = join(dir, "look");
  rmSync(look, { recursive: true, force: true });
  mkdirSync(look);
  for (const suffix of ["", "-wal"]) {
    const file = join(dir, "data", `selfheal.sqlite${suffix}`);
    if (existsSync(file)) copyFileSync(file, join(look, `selfheal.sqlite${suffix}`));
  }
  const sqlite = new Database(join(look, "selfheal.sqlite"));
  try {
    return {
      ids: sqlite.prepare<[], string>("SELECT event_id FROM events").pluck().all(),
      received:
        sqlite.prepare<[], number>("SELECT sum(events) FROM ingest_counts WHERE outcome = 'received'").pluck().get() ??
        0,
    };
  } finally {
    sqlite.close();
  }
}
