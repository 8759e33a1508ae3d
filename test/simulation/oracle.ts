import type { ApprovalKind, DecisionType } from "../../src/domain/approval.ts";
import type { Deployment } from "../../src/domain/deployment.ts";
import type { Evidence } from "../../src/domain/evidence.ts";
import { isClosed, type Ticket } from "../../src/domain/ticket.ts";
import type { Job } from "./production.ts";
import { isHarmful } from "./source.ts";
import type { World } from "./world.ts";

/** What a person said, at the moment they said it. */
export interface Said {
  ticketId: string;
  type: DecisionType;
  question: ApprovalKind;
  /** The patch that they were shown, or that they named. */
  digest: string | null;
}

/** Knows from the outside what was said, seen and done, and what must hold. It trusts nothing that selfheal says. */
export interface Oracle {
  tested(evidence: Evidence): void;
  /** Returns how to take it back: nobody heard it. */
  said(what: Said): () => void;
  /** The kill switch was thrown; null: it was let go. */
  paused(sinceMs: number | null): void;
  begins(job: Job): void;
  told(service: string, live: string | null): void;
  violation(text: string): void;
  /** What did not hold, in words. */
  readonly violations: readonly string[];
  /** What must hold at any time. */
  check(): void;
  /** What must hold while nothing is under way. */
  checkQuiet(): void;
  /** What must hold at the end: what is live is what the journal says, or a person was called about it. */
  checkLive(): void;
}

/** The kill switch stops new effects within this, milliseconds. */
const PAUSE_WITHIN_MS = 1000;
const HOUR_MS = 3_600_000;

interface Begun {
  job: Job;
  /** How often services had told what is live. */
  told: number;
  /** How long the audit log was. */
  audit: number;
}

export function createOracle(world: () => World): Oracle {
  const evidence: Evidence[] = [];
  const sayings: Said[] = [];
  const told: { service: string; live: string | null }[] = [];
  const begun: Begun[] = [];
  const violations: string[] = [];
  let pausedAt: number | null = null;

  const violation = (text: string) => {
    violations.push(text);
    world().note(`VIOLATION: ${text}`);
  };

  const approved = (job: Job, digest: string) =>
    sayings.some(
      (s) =>
        s.ticketId === job.ticketId && s.type === "approve" && s.question === "approveDeploy" && s.digest === digest,
    );

  const mayGoByItself = (job: Job, digest: string, ticket: Ticket | undefined): string | null => {
    const { config, git } = world();
    const commit = git.read(job.commit);
    const proven = evidence.some(
      (e) =>
        e.patchDigest === digest && e.baseCommit === commit.parents[0] && e.grade === "E2" && e.infrastructure === null,
    );
    if (config.autonomy !== "full") return `autonomy is ${config.autonomy}`;
    if (ticket === undefined || !config.autoDeploySeverity.includes(ticket.severity))
      return `it is ${ticket?.severity}`;
    if (!proven) return "nothing was proven about it";
    // What a person approved before, and this one is built on, is not this one's doing.
    const base = commit.parents[0];
    const added = isHarmful(commit.tree) && !(base !== undefined && isHarmful(git.read(base).tree));
    if (added) return "it does harm";
    return decidedAuto(world(), job.ticketId, digest) ? null : "the gate did not let it through";
  };

  const checkDeploy = (job: Job) => {
    const { disk, git, time } = world();
    const digest = git.digestOf(job.commit);
    const ticket = disk.tickets.get(job.ticketId);
    const what = `ticket ${job.ticketId.slice(0, 8)}`;
    if (!approved(job, digest)) {
      const why = mayGoByItself(job, digest, ticket);
      if (why !== null) violation(`${what} is deployed without a person's yes, though ${why}`);
    }
    if (ticket !== undefined && isClosed(ticket.state)) violation(`${what} is deployed, though it is ${ticket.state}`);
    if (pausedAt !== null && time.monotonic() - pausedAt > PAUSE_WITHIN_MS)
      violation(`${what} is deployed, though selfheal has been paused for ${time.monotonic() - pausedAt} ms`);
  };

  const checkOrder = (job: Job) => {
    const { production } = world();
    const other = production.jobs.find((j) => j.service === job.service && !j.ended && j.life.alive);
    if (other !== undefined) violation(`two commands of ${job.service} are under way at once`);
    if (!isIntended(world(), job)) violation(`the ${job.kind} command of ${job.service} runs without an intent`);
    const before = begun.findLast(
      ({ job: j }) => j.kind === job.kind && j.commit === job.commit && j.other === job.other,
    );
    if (before === undefined || before.job.ticketId !== job.ticketId) return;
    const asked = told.slice(before.told).filter(({ service }) => service === job.service);
    if (!asked.some(({ live }) => live !== job.commit))
      violation(`the ${job.kind} of ${job.commit.slice(0, 8)} happens twice, and nobody asked in between what is live`);
  };

  return {
    tested: (seen) => void evidence.push(seen),
    said: (what) => {
      sayings.push(what);
      return () => void sayings.splice(sayings.indexOf(what), 1);
    },
    paused: (since) => {
      pausedAt = since;
    },
    begins(job) {
      world().note(`process ${job.life.number}: the ${job.kind} command of ${job.service} begins (${job.mood})`);
      checkOrder(job);
      if (job.kind === "deploy") checkDeploy(job);
      begun.push({ job, told: told.length, audit: auditLength(world()) });
    },
    told: (service, live) => void told.push({ service, live }),
    violation,
    violations,
    check: () => checkRate(world(), violation),
    checkQuiet: () => {
      for (const ticket of world().disk.tickets.values()) {
        const why = whyStuck(world(), ticket);
        if (why !== null) violation(`ticket ${ticket.id.slice(0, 8)} (${ticket.state}) is stuck: ${why}`);
      }
    },
    checkLive: () => {
      for (const [service, { live }] of world().production.sites) {
        const last = begun.findLast(({ job }) => job.service === service);
        const said = liveByJournal(world(), service) ?? begun.find(({ job }) => job.service === service)?.job.other;
        if (last === undefined || live === said || calledSince(world(), service, last.audit)) continue;
        violation(
          `${service} runs ${live.slice(0, 8)}, the journal says ${said?.slice(0, 8)}, and no person was called`,
        );
      }
    },
  };
}

function auditLength({ disk }: World): number {
  return disk.sqlite.prepare<[], number>("SELECT count(*) FROM audit").pluck().get() ?? 0;
}

function liveByJournal(world: World, service: string): string | null {
  const live = deploymentsIn(world).filter((d) => d.service === service && d.state === "live");
  return live.sort((a, b) => b.fencingToken - a.fencingToken)[0]?.commit ?? null;
}

/** Whether a ticket of the service was escalated after the audit log was this long. */
function calledSince({ disk }: World, service: string, length: number): boolean {
  const rows = disk.sqlite
    .prepare<[number], string>(
      "SELECT ticket_id FROM audit WHERE sequence > ? AND json ->> '$.kind' = 'ticket.escalated'",
    )
    .pluck()
    .all(length);
  return rows.some((id) => disk.tickets.get(id)?.service === service);
}

function decidedAuto({ disk }: World, ticketId: string, digest: string): boolean {
  const rows = disk.sqlite
    .prepare<[string], string>("SELECT json FROM audit WHERE ticket_id = ? ORDER BY sequence DESC")
    .pluck()
    .all(ticketId);
  const decided = rows.map((row) => JSON.parse(row)).find((e) => e.kind === "gate.decided" && e.facts.patch === digest);
  return decided?.facts.verdict === "auto";
}

function deploymentsIn({ disk }: Pick<World, "disk">): Deployment[] {
  return disk.sqlite
    .prepare<[], string>("SELECT json FROM deployments")
    .pluck()
    .all()
    .map((row) => JSON.parse(row));
}

/** INTENT comes before the effect: the journal's slot is held by this very deployment, or by its roll back. */
function isIntended(world: World, job: Job): boolean {
  const slot = deploymentsIn(world).find(
    (d) => d.service === job.service && (d.state === "intended" || d.state === "unknown"),
  );
  if (slot === undefined) return false;
  return job.kind === "deploy" ? slot.commit === job.commit : [slot.commit, slot.previousCommit].includes(job.commit);
}

function checkRate(world: World, violation: (text: string) => void): void {
  const auto = deploymentsIn(world).filter((d) => d.auto && (d.state as string) !== "abandoned");
  for (const { intendedAt } of auto) {
    const inHour = auto.filter((d) => d.intendedAt <= intendedAt && d.intendedAt > intendedAt - HOUR_MS).length;
    if (inHour <= world.config.maxAutoDeploysPerHour) continue;
    violation(`${inHour} deployments without a person in an hour; ${world.config.maxAutoDeploysPerHour} may`);
    return;
  }
}

/** Why nothing will ever happen on the ticket by itself; null when it is at an end, waits, or is worked on. */
function whyStuck(world: World, ticket: Ticket): string | null {
  const { disk, process } = world;
  if (process.host.isBusy(ticket.id)) return null;
  if (ticket.approval !== null) {
    if (world.engine === "langGraph" || disk.threads.get(ticket.id)?.question) return null;
    return "people are asked, but the run does not listen";
  }
  if (isClosed(ticket.state)) return null;
  const wakeUps = disk.sqlite
    .prepare("SELECT 1 FROM wake_ups WHERE ticket_id = ? AND kind IN ('deploy', 'verify')")
    .all(ticket.id);
  if (wakeUps.length > 0) return null;
  const failed = disk.runs.findLast((run) => run.threadId === ticket.id);
  return `nobody works on it, nobody is asked, and nothing will wake it (its last run: ${failed?.state} ${failed?.error})`;
}
