import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { openForReading } from "../../src/store/sqlite/sqlite.ts";

export const KEY = "benchkey0123456789";

/** A server in a process of its own. */
export interface BenchServer {
  url: string;
  /** The most memory it ever held, MB; NaN where that cannot be told. */
  peakRssMb(): number;
  /** Seconds of a core that it used so far; NaN where that cannot be told. */
  cpuSeconds(): number;
  /** Resolves once everything that it stored is digested; at once where it digests nothing. */
  settled(): Promise<void>;
  stop(): Promise<void>;
}

const here = (name: string) => fileURLToPath(new URL(name, import.meta.url));

export const startBare = (file: string) => start([here("./bare.ts"), file]);
export const startMemory = () => start([here("./bare.ts"), "memory"]);
export const startPeer = () => start([here("./peer.ts")]);

/** `selfheal serve`, whole: with `digests` false it only takes in and keeps. */
export async function startSelfheal(dir: string, digests: boolean): Promise<BenchServer> {
  mkdirSync(dir, { recursive: true });
  const config = join(dir, "selfheal.config.json");
  const many = 1_000_000_000;
  const limits = {
    eventsPerMinutePerKey: many,
    requestsPerMinutePerAddress: many,
    maxSpool: many,
    cpuSharePerSecretKey: 1,
  };
  const keys = [{ key: KEY, project: "bench", tier: "T1", allowInUrl: true }];
  writeFileSync(
    config,
    JSON.stringify({ dataDir: "data", port: 0, enabled: digests, keys, limits: { ...limits, maxSpoolBytes: 1e12 } }),
  );
  const server = await start([here("../../src/cli/index.ts"), "serve", "--config", config]);
  const sqlite = openForReading(join(dir, "data", "selfheal.sqlite"));
  const waits = sqlite
    .prepare<[], number>("SELECT 1 FROM events WHERE issue_id IS NULL AND set_aside IS NULL LIMIT 1")
    .pluck();
  return {
    ...server,
    settled: async () => {
      while (digests && waits.get() !== undefined) await delay(5);
    },
    stop: async () => {
      sqlite.close();
      await server.stop();
    },
  };
}

async function start(args: readonly string[]): Promise<BenchServer> {
  const child = spawn(process.execPath, ["--import", "tsx", ...args], {
    stdio: ["ignore", "pipe", "inherit"],
    env: { PATH: process.env.PATH, HOME: process.env.HOME, LOG_LEVEL: "error", SELFHEAL_LOG: "error" },
  });
  const url = await announced(child);
  return {
    url,
    peakRssMb: () => Math.round(Number(/VmHWM:\s+(\d+)/.exec(proc(child, "status"))?.[1]) / 1000),
    // User and system time, in hundredths of a second, after the name in brackets.
    cpuSeconds: () => {
      const fields = proc(child, "stat").split(") ")[1]?.split(" ") ?? [];
      return (Number(fields[11]) + Number(fields[12])) / 100;
    },
    settled: async () => undefined,
    stop: async () => {
      const gone = once(child, "exit");
      child.kill("SIGTERM");
      await gone;
    },
  };
}

function announced(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    child.once("exit", (code) => reject(new Error(`a server ended with ${code} before it listened`)));
    if (child.stdout === null) return;
    createInterface({ input: child.stdout }).on("line", (line) => {
      const url = /listens on (http:\S+)/.exec(line)?.[1];
      if (url !== undefined) resolve(url);
    });
  });
}

function proc({ pid }: ChildProcess, name: string): string {
  try {
    return readFileSync(`/proc/${pid}/${name}`, "utf8");
  } catch {
    return "";
  }
}
