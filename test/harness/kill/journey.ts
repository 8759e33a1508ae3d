import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { loadFactor } from "../../../src/cli/demo/loadFactor.ts";
import { messageOf } from "../../../src/domain/errors.ts";
import type { Ticket } from "../../../src/domain/ticket.ts";
import { makeTinyService, type TinyService, tinyEvent } from "../../helpers/tinyService.ts";
import { type Kill, type Point, readPoints } from "./faultPoints.ts";
import { ackedButNotStored, alreadyWrong, messagesLeft, violationsOf } from "./invariants.ts";
import { KEY, type Life, startLife } from "./life.ts";
import { type MessageReceiver, startMessageReceiver } from "./receiver.ts";
import type { Scenario } from "./scenarios.ts";

/** How long a process may do nothing while something is left to do: the promise is ten seconds, for a machine of its own. */
const GO_ON_MS = 10_000;
/** However busy it is, so many times as long: a journey that goes round in circles does not go on either. */
const LONGEST = 10;
/** Points of what runs beside the journey. */
const BESIDE = /answer|leases|sandbox|langgraph_api|settings/;

export interface JourneyPlan {
  /** An empty folder. */
  dir: string;
  /** What `bundleChild` made. */
  entry: string;
  scenario: Scenario;
  /** One a process; the last process, after these, is left alone. */
  kills: readonly Kill[];
  /** Name of a planted bug. */
  plant?: string;
  /** Milliseconds without a step after which a journey counts as stuck once it was killed; default: what is promised. */
  goOnMs?: number;
  /** Ends at the first thing that is seen to be wrong. */
  impatient?: boolean;
}

export interface JourneyEnd {
  violations: string[];
  /** How many processes were really killed. */
  kills: number;
  /** The longest time from listening, after a kill, until the first step of what had been under way; milliseconds. */
  goOnMs: number;
  /** Messages that came again, under the same key, since a process was killed while it sent them. */
  resent: number;
  /** The points that each process came past. */
  points: Point[][];
}

/** A journey over a folder that outlives its processes. */
export interface Journey extends JourneyPlan {
  tiny: TinyService;
  event: Record<string, unknown>;
  receiver: MessageReceiver;
  acked: boolean;
}

/** Runs the scenario over a fresh folder, killing one process after the other, and says what was wrong at the end. */
export async function runJourney(plan: JourneyPlan): Promise<JourneyEnd> {
  const journey = prepare(plan, await startMessageReceiver());
  const end: JourneyEnd = { violations: [], kills: 0, goOnMs: 0, resent: 0, points: [] };
  try {
    for (const kill of [...plan.kills, null]) if (!(await liveOnce(journey, kill, end))) break;
    const sendsCutOff = end.points.slice(0, end.kills).filter(wasSending).length;
    const { violations, resent } = await violationsOf(journey, sendsCutOff);
    return { ...end, violations: [...end.violations, ...violations], resent };
  } finally {
    journey.receiver.close();
  }
}

/** One process, until it is killed (true), or until the journey is over. */
async function liveOnce(journey: Journey, kill: Kill | null, end: JourneyEnd): Promise<boolean> {
  const { dir, entry, plant = null, receiver } = journey;
  const pointsFile = join(dir, `points-${end.points.length}`);
  const goOnMs = end.kills === 0 ? GO_ON_MS : (journey.goOnMs ?? GO_ON_MS);
  const life = await startLife(entry, { dir, kill, pointsFile, plant, receiver: receiver.url });
  const rested =
    "listensSince" in life ? await drive(journey, life, { pointsFile, goOnMs }) : "it ended before it listened";
  const points = readPoints(pointsFile);
  if ("listensSince" in life && end.kills > 0) end.goOnMs = Math.max(end.goOnMs, firstStep(points, life.listensSince));
  end.points.push(points);
  const killed = rested !== null && kill !== null && (!("gone" in life) || life.gone.aborted);
  if (!killed) {
    if ("listensSince" in life) await life.kill();
    if (rested !== null) end.violations.push(`${rested}\n${typeof life.log === "string" ? life.log : life.log()}`);
    return false;
  }
  end.kills += 1;
  const lost = journey.acked ? await ackedButNotStored(dir, [String(journey.event.event_id)]) : [];
  end.violations.push(...lost);
  return !(journey.impatient === true && lost.length > 0);
}

function prepare(plan: JourneyPlan, receiver: MessageReceiver): Journey {
  const { dir, scenario } = plan;
  mkdirSync(dir, { recursive: true });
  const quick = { testCommand: ": test; node --check src/greet.js && echo 1 test passed", soakMs: 100 };
  const tiny = makeTinyService(dir, { settings: { ...quick, ...scenario.settings(join(dir, "live")) } });
  const config = {
    ...{ dataDir: "data", port: 0, autonomy: "full", debounceMs: 5, maxWaitMs: 500, sandboxForAuto: "none" },
    keys: [{ key: KEY, project: "test", tier: "T1" }],
    notificationChannels: [{ type: "webhook", url: receiver.url }],
    services: [named(tiny.settings, scenario)],
  };
  writeFileSync(join(dir, "selfheal.config.json"), JSON.stringify(config));
  return { ...plan, tiny, receiver, event: { ...tinyEvent(tiny), event_id: "e".repeat(32) }, acked: false };
}

/** The service with a word in each command that the points tell it by. */
function named(settings: Record<string, unknown>, { deploySlowly }: Scenario): Record<string, unknown> {
  const { deployCommand, liveCommand } = settings;
  const { before, after } = deploySlowly ?? { before: "", after: "" };
  // Its own variables are set by its first words.
  const [set = "", ...work] = String(deployCommand).split("LIVE; ");
  const slow = `${set}LIVE; ${before}${work.join("LIVE; ")}${after}`;
  return { ...settings, deployCommand: `: deploy; ${slow}`, liveCommand: `: live; ${liveCommand}` };
}

/** Milliseconds until the first step; 0 when there was nothing to go on with. */
function firstStep(points: readonly Point[], sinceMs: number): number {
  const first = points.find(({ ms, label }) => ms >= sinceMs && !BESIDE.test(label));
  return first === undefined ? 0 : first.ms - sinceMs;
}

/** Whether a killed process had begun to send a message, and had not put on record that it was sent. */
function wasSending(points: readonly Point[]): boolean {
  const begun = points.findLastIndex(({ label }) => label === "before send message");
  const settled = points.findLastIndex(({ label }) => /^after commit .*update outbox/.test(label));
  return begun > settled;
}

/** The client and the person, until everything rests (null), the process is gone, or it does not go on. */
async function drive(
  journey: Journey,
  life: Life,
  { pointsFile, goOnMs }: { pointsFile: string; goOnMs: number },
): Promise<string | null> {
  let seen = "nothing";
  let lastStep = life.listensSince;
  while (!life.gone.aborted) {
    try {
      if (!journey.acked) journey.acked = (await life.post("/v1/events", journey.event, "client")).ok;
      const tickets = await life.tickets();
      seen = tickets.map((ticket) => `${ticket.state} (${ticket.reason})`).join(", ") || "no ticket";
      if (journey.impatient === true && alreadyWrong(journey, tickets)) return null;
      if (await isOver(journey, life, tickets)) return null;
      for (const ticket of tickets) await answer(journey, life, ticket);
      await delay(20, undefined, { signal: life.gone });
    } catch (error) {
      // Whatever a client gets from a process that is being killed.
      if (!life.gone.aborted) seen = `${seen}; ${messageOf(error)}`;
    }
    lastStep = Math.max(lastStep, readPoints(pointsFile).findLast(({ label }) => !BESIDE.test(label))?.ms ?? 0);
    if (Date.now() - lastStep > goOnMs * loadFactor()) return `nothing went on for ${goOnMs} ms: ${seen}`;
    const longestMs = (journey.impatient === true ? LONGEST / 2 : LONGEST) * goOnMs * loadFactor();
    if (Date.now() - life.listensSince > longestMs) return `it did not come to its end in ${longestMs} ms: ${seen}`;
  }
  return "it ended";
}

/** The ticket is where it should be, its run rests, and people were told everything. */
async function isOver({ dir, scenario, receiver }: Journey, life: Life, tickets: readonly Ticket[]): Promise<boolean> {
  if (tickets.length === 0 || tickets.some(({ state }) => state !== scenario.ends)) return false;
  for (const { id } of tickets) if ((await life.status(id)) !== "idle") return false;
  const told = new Set(receiver.arrivals.map(({ kind }) => kind));
  return scenario.tells.every((kind) => told.has(kind)) && messagesLeft(dir) === 0;
}

async function answer({ scenario, receiver }: Journey, life: Life, ticket: Ticket): Promise<void> {
  const said = ticket.approval === null ? null : scenario.says(ticket);
  // People answer what they were told of, and what stands there for a while: not what a run is still about to ask.
  const told = receiver.arrivals.some(({ kind, ticketId }) => ticketId === ticket.id && /asked|escalated/.test(kind));
  if (said === null || !told || (await life.status(ticket.id)) !== "interrupted") return;
  const patchDigest = ticket.approval?.patchDigest ?? undefined;
  await life.post(`/v1/tickets/${ticket.id}/decision`, { ...said, by: "ada", patchDigest }, "person");
}
