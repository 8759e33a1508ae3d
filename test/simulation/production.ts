import type { ProcessEnd } from "../../src/domain/evidence.ts";
import type { DeployOrder, DeployTarget } from "../../src/domain/ports/deployTarget.ts";
import type { ProcessResult } from "../../src/domain/ports/processRunner.ts";
import type { Service } from "../../src/domain/service.ts";
import type { Random } from "./random.ts";
import type { Life, Scheduler } from "./scheduler.ts";
import type { Time } from "./time.ts";

/** How the next deployment of a service goes. */
export type Mood = "well" | "refuses" | "failsAfter" | "hangs" | "hangsAfter" | "sick" | "mute";

/** One run of the deploy or the roll back command. */
export interface Job {
  service: string;
  kind: "deploy" | "rollBack";
  ticketId: string;
  /** What it puts live. */
  commit: string;
  /** For a roll back: what it takes out. */
  other: string;
  mood: Mood;
  life: Life;
  tookEffect: boolean;
  ended: boolean;
}

/** Where a service runs. It outlives every process of selfheal. */
export interface Site {
  live: string;
  healthy: boolean;
  /** Whether it tells what is live. */
  tells: boolean;
  moods: Mood[];
}

export interface Production {
  sites: Map<string, Site>;
  jobs: Job[];
  target(life: Life): DeployTarget;
  /** The commands of a process that was lost: some go on to their end, some died with it. */
  orphan(life: Life): void;
}

export interface ProductionDeps {
  scheduler: Scheduler;
  random: Random;
  time: Time;
  /** Whether the service is well with this commit. */
  isWell: (service: string, commit: string) => boolean;
  /** A deploy or roll back command begins. */
  onBegin: (job: Job) => void;
  /** What the service said was live. */
  onTold: (service: string, live: string | null) => void;
}

export function createProduction(deps: ProductionDeps): Production {
  const sites = new Map<string, Site>();
  const jobs: Job[] = [];
  const siteOf = (service: string): Site => {
    const site = sites.get(service);
    if (site === undefined) throw new Error(`there is no site ${service}`);
    return site;
  };

  const takeEffect = (job: Job) => {
    if (job.tookEffect || job.ended) return;
    job.tookEffect = true;
    const site = siteOf(job.service);
    site.live = job.commit;
    site.healthy = job.mood !== "sick" && deps.isWell(job.service, job.commit);
    site.tells = job.mood !== "mute";
  };

  const command = async (life: Life, job: Job, timeoutMs: number, signal: AbortSignal): Promise<ProcessResult> => {
    deps.onBegin(job);
    jobs.push(job);
    const ended = new Promise<ProcessEnd>((resolve) => {
      signal.addEventListener("abort", () => resolve(endOf(job, { kind: "signal", signal: "SIGTERM" })));
      void runOutside(deps, job, timeoutMs, () => takeEffect(job)).then((end) => resolve(endOf(job, end)));
    });
    const end = await ended;
    await deps.scheduler.effect(life, "target", `the ${job.kind} command ended: ${end.kind}`, () => undefined);
    return { end, stdout: "", stderr: "", durationMs: 1 };
  };

  const newJob = (life: Life, service: Service, kind: Job["kind"], order: DeployOrder): Job => ({
    service: service.name,
    kind,
    ticketId: order.ticketId,
    commit: kind === "deploy" ? order.commit : order.previousCommit,
    other: kind === "deploy" ? order.previousCommit : order.commit,
    mood: siteOf(service.name).moods.shift() ?? "well",
    life,
    tookEffect: false,
    ended: false,
  });

  return {
    sites,
    jobs,
    target: (life) => ({
      deploy: (service, order, signal) =>
        command(life, newJob(life, service, "deploy", order), service.deployTimeoutMs, signal),
      rollback: (service, order, signal) =>
        command(life, newJob(life, service, "rollBack", order), service.deployTimeoutMs, signal),
      health: (service) =>
        deps.scheduler.effect(life, "target", `health of ${service.name}`, () =>
          siteOf(service.name).healthy ? { kind: "healthy" } : { kind: "unhealthy", reason: "503" },
        ),
      liveCommit: (service) =>
        deps.scheduler.effect(life, "target", `what is live of ${service.name}`, () => {
          const { live, tells } = siteOf(service.name);
          deps.onTold(service.name, tells ? live : null);
          return tells ? live : null;
        }),
    }),
    orphan(life) {
      for (const job of jobs.filter((j) => j.life === life && !j.ended)) {
        const goesOn = job.mood !== "refuses" && job.mood !== "hangs" && deps.random.chance(0.5);
        if (goesOn) takeEffect(job);
        job.ended = true;
      }
    },
  };
}

function endOf(job: Job, end: ProcessEnd): ProcessEnd {
  job.ended = true;
  return end;
}

/** The command itself: it belongs to the outside, and ends there. */
async function runOutside(
  { scheduler, random }: ProductionDeps,
  job: Job,
  timeoutMs: number,
  takeEffect: () => void,
): Promise<ProcessEnd> {
  const outside = (name: string, apply: () => void, delayMs = 0) =>
    scheduler.effect(null, "target", `${job.service}: ${name}`, apply, delayMs);
  const { mood } = job;
  if (mood !== "refuses" && mood !== "hangs")
    await outside(`${job.commit.slice(0, 8)} goes live (${mood})`, takeEffect);
  if (mood === "hangs" || mood === "hangsAfter") {
    await outside("the command is killed for its time", () => undefined, timeoutMs);
    return { kind: "timeout", afterMs: timeoutMs };
  }
  await outside("the command ends", () => undefined, random.below(2) * 500);
  return { kind: "exit", code: mood === "refuses" || mood === "failsAfter" ? 1 : 0 };
}
