import fc from "fast-check";
import type { DecisionType } from "../../src/domain/approval.ts";
import { type Crash, report } from "./events.ts";
import { type Answering, answer } from "./people.ts";
import type { Mood } from "./production.ts";
import type { CrashPoint } from "./scheduler.ts";
import { APP, BUGS, bugLine, rewrittenLine } from "./source.ts";
import { SERVICES, type World } from "./world.ts";

/** One thing that happens to the world, and how many effects take place after it before the next. */
type Happening =
  | ({ what: "event" } & Crash)
  | { what: "advance" | "clockJumps" | "stopped"; ms: number }
  | ({ what: "crash" } & CrashPoint)
  | {
      what: "answer";
      pick: number;
      both: boolean;
      type: DecisionType;
      digest: Answering["digest"];
      via: Answering["via"];
    }
  | { what: "pause" | "resume" }
  | { what: "target"; service: string; mood: Mood }
  | { what: "push"; service: string; bug: number | null; merge: boolean }
  | { what: "diskFails"; writes: number };

const service = fc.constantFrom<string>(...SERVICES);
const bug = fc.nat(BUGS - 1);

const happening: fc.Arbitrary<Happening> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      what: fc.constant("event" as const),
      service,
      bug,
      tier: fc.constantFrom("T1" as const, "T1" as const, "T0" as const, "T2" as const),
      level: fc.constantFrom("error" as const, "fatal" as const, "fatal" as const, "warning" as const),
    }),
  },
  {
    weight: 8,
    arbitrary: fc.record({
      what: fc.constant("advance" as const),
      ms: fc.constantFrom(500, 1000, 1500, 6000, 31_000, 61_000, 400_000),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      what: fc.constant("clockJumps" as const),
      ms: fc.constantFrom(-7_200_000, -60_000, -2000, 2000, 60_000, 4_000_000),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ what: fc.constant("stopped" as const), ms: fc.constantFrom(2000, 70_000, 400_000) }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      what: fc.constant("crash" as const),
      effects: fc.integer({ min: 1, max: 40 }),
      when: fc.constantFrom("before" as const, "after" as const),
    }),
  },
  {
    weight: 5,
    arbitrary: fc.record({
      what: fc.constant("answer" as const),
      pick: fc.nat(7),
      both: fc.boolean(),
      type: fc.constantFrom<DecisionType>(
        "approve",
        "approve",
        "approve",
        "edit",
        "reject",
        "guide",
        "takeOver",
        "dismiss",
      ),
      digest: fc.constantFrom<Answering["digest"]>("right", "right", "right", "none", "wrong"),
      via: fc.constantFrom<Answering["via"]>("api", "api", "studio"),
    }),
  },
  { weight: 2, arbitrary: fc.record({ what: fc.constantFrom("pause" as const, "resume" as const) }) },
  {
    weight: 2,
    arbitrary: fc.record({
      what: fc.constant("target" as const),
      service,
      mood: fc.constantFrom<Mood>("refuses", "failsAfter", "hangs", "hangsAfter", "sick", "mute"),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      what: fc.constant("push" as const),
      service,
      bug: fc.option(bug),
      merge: fc.boolean(),
    }),
  },
  {
    weight: 0,
    arbitrary: fc.record({ what: fc.constant("diskFails" as const), writes: fc.constant(1) }),
  },
);

/** A happening as a command of fast-check, so that a failing schedule shrinks to the ones that matter. */
class Step implements fc.AsyncCommand<object, World> {
  readonly happening: Happening;
  readonly effects: number;

  constructor(what: Happening, effects: number) {
    this.happening = what;
    this.effects = effects;
  }

  check(): boolean {
    return true;
  }

  async run(_model: object, world: World): Promise<void> {
    await world.ensureProcess();
    world.note(`> ${this.toString()}`);
    await happen(world, this.happening);
    await world.run(this.effects);
    world.oracle.check();
    const [violation] = world.oracle.violations;
    if (violation !== undefined) throw new Error(violation);
  }

  toString(): string {
    const { what, ...rest } = this.happening;
    const how = Object.entries(rest).map(([key, value]) => `${key} ${value}`);
    return `${[what, ...how].join(", ")}; then ${this.effects} effects`;
  }
}

async function happen(world: World, it: Happening): Promise<void> {
  switch (it.what) {
    case "event":
      return report(world, it);
    case "advance":
      return world.time.advance(it.ms);
    case "clockJumps":
      return world.time.jump(it.ms);
    case "stopped":
      return stop(world, it.ms);
    case "crash":
      return world.scheduler.crashAt(it);
    case "answer":
      return people(world, it);
    case "pause":
    case "resume":
      return killSwitch(world, it.what === "pause");
    case "target":
      return void world.production.sites.get(it.service)?.moods.push(it.mood);
    case "push":
      return push(world, it);
    case "diskFails":
      return world.scheduler.failWrites(it.writes);
  }
}

/** SIGSTOP, time goes by for everybody else, SIGCONT: the timers of the process find that they are late. */
async function stop(world: World, ms: number): Promise<void> {
  const { life } = world.process;
  life.stopped = true;
  for (let gone = 0; gone < ms; gone += ms / 4) {
    world.time.advance(ms / 4);
    while (await world.scheduler.step({ timers: false }));
  }
  life.stopped = false;
}

function people(world: World, it: Extract<Happening, { what: "answer" }>): void {
  const open = [...world.disk.tickets.values()].filter(({ approval }) => approval !== null);
  const ticket = open[it.pick % Math.max(1, open.length)];
  if (ticket === undefined) return;
  const allowed = ticket.approval?.allowed ?? [];
  const type = allowed.includes(it.type) ? it.type : allowed[it.pick % allowed.length];
  if (type === undefined) return;
  answer(world, { ticketId: ticket.id, by: "ada", type, digest: it.digest, via: it.via });
  const other = allowed.at(-1);
  if (it.both && other !== undefined)
    answer(world, { ticketId: ticket.id, by: "bob", type: other, digest: "right", via: "api" });
}

/** On from when it is durable; off from when somebody asks for it, and, where writes overtake one another, from the last of them. */
function killSwitch(world: World, on: boolean): void {
  if (!on) world.oracle.paused(null);
  const set = world.process.stores.settings.set("paused", String(on));
  void set.then(
    () => world.oracle.paused(on ? world.time.monotonic() : null),
    () => world.note("the kill switch could not be written"),
  );
}

/** People change the branch: another file or a line that crashes; on their own head, or with what is live merged in. */
function push({ git, production, random }: World, it: Extract<Happening, { what: "push" }>): void {
  const head = git.heads.get(it.service) ?? "";
  const live = production.sites.get(it.service)?.live ?? head;
  const merged = it.merge && !git.contains(head, live);
  const { tree } = git.read(merged ? live : head);
  const source = tree[APP] ?? "";
  const changed =
    it.bug === null
      ? { ...tree, "README.md": `version ${random.below(1000)}\n` }
      : { ...tree, [APP]: source.replace(bugLine(it.bug), rewrittenLine(it.bug, random.below(9))) };
  git.heads.set(it.service, git.commit(merged ? [head, live] : [head], changed, `people ${random.below(1000)}`));
}

/** Mostly some, now and then all that can. */
const effects = fc.oneof(
  { weight: 3, arbitrary: fc.integer({ min: 0, max: 60 }) },
  { weight: 2, arbitrary: fc.constant(2000) },
);

/** Schedules: what happens, one after another. */
export function schedules(options: { replayPath?: string } = {}) {
  const step = fc.tuple(happening, effects).map(([what, then]) => new Step(what, then));
  return fc.commands([step], { maxCommands: 40, size: "max", ...options });
}
