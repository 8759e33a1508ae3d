import { MemorySaver } from "@langchain/langgraph";
import { type Config, parseConfig } from "../../src/config/index.ts";
import type { Service } from "../../src/domain/service.ts";
import type { Bug } from "./bugs.ts";
import { createDisk, type Disk } from "./disk.ts";
import { createGit, type Git } from "./git.ts";
import type { StoredRun } from "./host.ts";
import { createOracle, type Oracle } from "./oracle.ts";
import { type SelfhealProcess, startProcess } from "./process.ts";
import { createProduction, type Production } from "./production.ts";
import { createRandom, type Random } from "./random.ts";
import { createScheduler, type Scheduler } from "./scheduler.ts";
import { firstTree, runsWell } from "./source.ts";
import type { Checkpoint } from "./stepper.ts";
import { createTime, type Time } from "./time.ts";

export const SERVICES = ["shop", "mail"] as const;

/** What a schedule runs under. */
export interface Circumstances {
  /** Of the draws that are made while the schedule runs. */
  seed: number;
  autonomy: "assist" | "supervised" | "full";
  maxAutoDeploysPerHour: number;
  approvePlan: boolean;
}

export interface WorldOptions {
  /** LangGraph itself, or the stepper over the same graph. */
  engine?: "stepper" | "langGraph" | undefined;
  bug?: Bug | undefined;
  /** Keeps what happened, in words. */
  remember?: boolean;
}

/** Everything there is: time, disk, git, production, people, and the one process of selfheal. */
export interface World {
  readonly config: Config;
  readonly services: ReadonlyMap<string, Service>;
  readonly engine: "stepper" | "langGraph";
  readonly bug: Bug | undefined;
  readonly random: Random;
  readonly time: Time;
  readonly disk: Disk & { runs: StoredRun[]; threads: Map<string, Checkpoint> };
  readonly saver: MemorySaver;
  readonly git: Git;
  readonly production: Production;
  readonly scheduler: Scheduler;
  readonly oracle: Oracle;
  /** The newest process; it may be lost. */
  readonly process: SelfhealProcess;
  /** Starts a process if there is none. */
  ensureProcess(): Promise<void>;
  /** Lets up to so many effects take place. Returns whether everything that could is done. */
  run(effects: number): Promise<boolean>;
  note(line: string): void;
  /** In words, oldest first; empty unless `remember` was asked for. */
  readonly story: readonly string[];
  close(): void;
}

function configOf({ autonomy, maxAutoDeploysPerHour, approvePlan }: Circumstances): Config {
  const service = {
    project: "sim",
    deployCommand: "deploy",
    liveCommand: "live",
    soakMs: 60_000,
    deployTimeoutMs: 30_000,
  };
  return parseConfig({
    dataDir: "/pretended",
    autonomy,
    maxAutoDeploysPerHour,
    approvePlan,
    debounceMs: 1000,
    maxWaitMs: 5000,
    services: SERVICES.map((name) => ({ ...service, name, repo: `/pretended/${name}` })),
  });
}

export async function createWorld(circumstances: Circumstances, options: WorldOptions = {}): Promise<World> {
  const config = configOf(circumstances);
  const random = createRandom(circumstances.seed);
  const time = createTime();
  const git = createGit();
  const story: string[] = [];
  const note = (line: string) => void (options.remember === true && story.push(`${time.monotonic()} ${line}`));
  const disk = { ...createDisk(), runs: [] as StoredRun[], threads: new Map<string, Checkpoint>() };
  const scheduler = createScheduler({ random, time, note, onLost: (life) => production.orphan(life) });
  const oracle = createOracle(() => world);
  const production = createProduction({
    scheduler,
    random,
    time,
    isWell: (_service, commit) => runsWell(git.read(commit).tree),
    onBegin: oracle.begins,
    onTold: oracle.told,
  });
  for (const name of SERVICES) {
    const head = git.commit([], firstTree(), `the first of ${name}`);
    git.heads.set(name, head);
    production.sites.set(name, { live: head, healthy: true, tells: true, moods: [] });
  }
  let process: SelfhealProcess | null = null;
  let started = 0;
  const world: World = {
    config,
    services: new Map(config.services.map((service) => [service.name, service])),
    engine: options.engine ?? "stepper",
    bug: options.bug,
    random,
    time,
    disk,
    saver: new MemorySaver(),
    git,
    production,
    scheduler,
    oracle,
    get process() {
      if (process === null) throw new Error("no process was started");
      return process;
    },
    async ensureProcess() {
      if (process?.life.alive) return;
      started += 1;
      note(`process ${started} starts`);
      process = startProcess(world, started);
      await settle(world);
    },
    run: (effects) => run(world, effects),
    note,
    story,
    close: () => void disk.sqlite.close(),
  };
  await world.ensureProcess();
  return world;
}

async function run(world: World, effects: number): Promise<boolean> {
  world.process.tick();
  await settle(world);
  for (let left = effects; left > 0 && world.process.life.alive; left -= 1) {
    if (await world.scheduler.step()) {
      await settle(world);
      continue;
    }
    world.process.tick();
    await settle(world);
    if (!world.scheduler.isReady()) return true;
  }
  return false;
}

/** LangGraph takes some turns of the event loop between two nodes; without it one is enough. */
async function settle(world: World): Promise<void> {
  await world.scheduler.settle();
  if (world.engine === "stepper") return;
  for (let turns = 0; turns < 50 && !world.scheduler.isReady() && world.process.host.isRunning(); turns += 1)
    await world.scheduler.settle();
}
