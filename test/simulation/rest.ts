import { isClosed } from "../../src/domain/ticket.ts";
import { answer } from "./people.ts";
import type { World } from "./world.ts";

/** More rounds than any schedule needs; more means that it goes on for ever. */
const MOST_ROUNDS = 400;
/** After so many, what waits for a clock that was set back is hours away, and what asks for it every second is not all there is. */
const SLOW_ROUNDS = 100;
const SLOW_MS = 60_000;
const MOST_EFFECTS = 3000;

/**
 * The bad times are over: no more faults, and time goes by until nothing waits for it. Then people say no to every open
 * question. Whatever is left after that was lost on the way.
 */
export async function comeToRest(world: World): Promise<void> {
  const { scheduler, production, oracle } = world;
  scheduler.crashAt(null);
  scheduler.failWrites(0);
  for (const site of production.sites.values()) site.moods.splice(0);
  await world.ensureProcess();
  world.process.life.stopped = false;
  world.note("the bad times are over");
  await unpause(world);
  if (!(await passTime(world))) return oracle.violation(`it does not come to rest: ${inWords(world)}`);
  oracle.check();
  oracle.checkQuiet();
  oracle.checkLive();
  await closeAll(world);
  const chain = await world.process.stores.audit.verify();
  if (chain.kind !== "ok") oracle.violation(`the audit chain is broken at ${chain.sequence}: ${chain.reason}`);
}

async function unpause(world: World): Promise<void> {
  // A pause that was just asked for, and is not written yet, must not land after this one.
  await world.run(MOST_EFFECTS);
  await world.ensureProcess();
  world.oracle.paused(null);
  void world.process.stores.settings.set("paused", "false");
  await world.run(MOST_EFFECTS);
}

/** Goes from one waiting thing to the next. false: there is no end to it. */
async function passTime(world: World): Promise<boolean> {
  for (let rounds = 0; rounds < MOST_ROUNDS; rounds += 1) {
    await world.ensureProcess();
    const quiet = await world.run(MOST_EFFECTS);
    if (!quiet && world.process.life.alive) return false;
    const next = await nextMoment(world);
    if (next === null) return true;
    world.time.advance(rounds < SLOW_ROUNDS ? next : Math.max(next, SLOW_MS));
  }
  return false;
}

/** Milliseconds until something waits no longer, or null. */
async function nextMoment({ time, scheduler, process }: World): Promise<number | null> {
  const effect = scheduler.nextReadyAt();
  const timer = time.nextTimer();
  const windows = (await process.stores.debounce.open()).map(({ dueAt }) => dueAt - time.now());
  const wakeUp = await process.stores.wakeUps.nextDueAt();
  const all = [
    ...[effect, timer].flatMap((at) => (at === null ? [] : [at - time.monotonic()])),
    ...windows,
    ...(wakeUp === null ? [] : [wakeUp - time.now()]),
  ];
  return all.length === 0 ? null : Math.max(1, Math.min(...all));
}

async function closeAll(world: World): Promise<void> {
  for (let rounds = 0; rounds < 20; rounds += 1) {
    const open = [...world.disk.tickets.values()].filter(({ approval }) => approval !== null);
    if (open.length === 0) break;
    for (const ticket of open) {
      const type = ticket.approval?.kind === "escalate" ? "dismiss" : "reject";
      answer(world, { ticketId: ticket.id, by: "ada", type, digest: "right", via: "api" });
    }
    await passTime(world);
  }
  for (const ticket of world.disk.tickets.values())
    if (!isClosed(ticket.state))
      world.oracle.violation(`ticket ${ticket.id.slice(0, 8)} is ${ticket.state} after everybody said no`);
}

function inWords(world: World): string {
  return [...world.disk.tickets.values()]
    .map((t) => `${t.id.slice(0, 8)} ${t.state} (${t.reason.slice(0, 80)})`)
    .join("; ");
}
