import type { Fault } from "../domain/errors.ts";
import { type CapturedEvent, DropReason } from "../domain/event.ts";
import type { Clock } from "../domain/ports/clock.ts";
import type { EventSpool, SignedDelivery } from "../domain/ports/eventSpool.ts";
import { DEFAULT_PRIVACY, type PrivacyRules } from "../domain/privacy.ts";
import { keyAccount } from "./admission/cpuBudget.ts";
import type { KeyOwner } from "./admission/ingestKeys.ts";
import { type Pressure, type PressureLimits, pressureOf } from "./admission/pressure.ts";
import type { WorkLane } from "./admission/workLane.ts";
import { type CutPart, cutEvent } from "./cutEvent.ts";
import type { Counted } from "./digest/countSeenIssue.ts";
import type { DropCounter } from "./dropCounter.ts";
import { withoutDeniedNames } from "./privacy/deniedNames.ts";
import { redactionBy } from "./privacy/redactionConfig.ts";
import { scrub } from "./privacy/scrub.ts";
import type { Contents, EventReader } from "./protocols/contract.ts";

/** The outcome of the Events of one request. `ids` and `rejected` use the index of an Event in the request. */
export type AcceptResult =
  /** The Events are durable. `ids[i]` is null if Event `i` was rejected. */
  | {
      kind: "accepted";
      ids: (string | null)[];
      rejected: { index: number; faults: Fault[] }[];
      pressure: Pressure;
    }
  /** The backlog or the disk is full (pressure `hard`). None of these Events was accepted. */
  | { kind: "full" }
  /** The signed request was accepted before. Nothing was stored again. */
  | { kind: "repeatedDelivery" };

interface IngestStats {
  accepted: number;
  dropped: Record<DropReason, number>;
}

/** The project of dropped Events, and whether the client still has them and will send them again. */
export interface DropOf {
  project: string;
  sendsAgain: boolean;
}

/** Accepts Events: reads them, scrubs them, and stores them before it answers. */
export interface Acceptor {
  /** Resolves once the valid Events are durable. Rethrows errors of the spool; then no Event counts as accepted. */
  accept(events: readonly EventReader[], from: KeyOwner, delivery?: SignedDelivery): Promise<AcceptResult>;
  /** The current pressure. */
  pressure(): Promise<Pressure>;
  /** Counts Events that were refused before they reached the acceptor. */
  drop(reason: DropReason, events?: number, of?: DropOf): void;
  /** Counts what a body reports besides its Events. Resolves once the losses that the client reported are durable. */
  note(contents: Contents, project: string): Promise<void>;
  stats(): IngestStats;
}

export interface AcceptorDeps {
  spool: Pick<EventSpool, "append" | "waiting">;
  dropCounter: DropCounter;
  /** Reads, cuts, scrubs and serialises one Event at a time in it. */
  lane: Pick<WorkLane, "run">;
  clock: Clock;
  /** Returns a unique id of 32 hex digits. */
  newId: () => string;
  /** The configured services. A key may name only services of its own project, or services that are not configured. */
  services: readonly { name: string; project: string }[];
  limits: PressureLimits;
  /** The configured redaction, in addition to the built-in redaction of secrets. Default: `DEFAULT_PRIVACY`. */
  privacy?: () => PrivacyRules;
  /** Free bytes on the disk. */
  freeDisk: () => number;
  /** Used when the disk is nearly full (pressure `floor`): counts an Event of a known family without storing it. */
  countKnown: (event: CapturedEvent) => Promise<Counted>;
  /** Called after each durable append. The pump's `nudge`. */
  onAccepted: () => void;
}

/** Refusals that can succeed if the client sends the same Events again. */
const PASSING: ReadonlySet<DropReason> = new Set(["rateLimited", "cpuLimited", "queueFull", "unavailable"]);

/** Creates the acceptor over a spool. */
export function createAcceptor(deps: AcceptorDeps): Acceptor {
  const { spool, dropCounter, services } = deps;
  const stats: IngestStats = { accepted: 0, dropped: noDrops() };
  const drop: Acceptor["drop"] = (reason, events = 1, of) => {
    stats.dropped[reason] += events;
    const outcome = of?.sendsAgain === true && PASSING.has(reason) ? "deferred" : "dropped";
    dropCounter.count({ project: of?.project ?? "", outcome, reason, events });
  };
  const redactionNow = redactionBy(deps.privacy ?? (() => DEFAULT_PRIVACY));
  /** Cuts and scrubs an Event. What was cut is named in a tag and counted. */
  const clean = (given: CapturedEvent): CapturedEvent => {
    const redaction = redactionNow();
    const { event, cuts } = cutEvent(given);
    const clean = scrub(withoutDeniedNames(event, redaction.isDenied), redaction);
    for (const reason of cuts) dropCounter.count({ project: event.project, outcome: "shortened", reason, events: 1 });
    return cuts.length === 0 ? clean : { ...clean, tags: withCuts(clean.tags, cuts) };
  };
  // Events whose append is still running fill the spool too.
  let pending = 0;
  const pressure = async (): Promise<Pressure> => {
    const { rows, bytes } = await spool.waiting();
    return pressureOf({ rows: rows + pending, bytes, freeDisk: deps.freeDisk() }, deps.limits);
  };
  const append = async (events: readonly CapturedEvent[], from: KeyOwner, delivery?: SignedDelivery) => {
    pending += events.length;
    try {
      return await deps.lane.run(keyAccount(from), () => spool.append(events, delivery));
    } finally {
      pending -= events.length;
    }
  };
  /**
   * The Events that must be stored: all of them, except that at pressure `floor` Events of known families are only
   * counted.
   */
  const toStore = async (
    events: readonly CapturedEvent[],
    rung: Pressure,
    from: KeyOwner,
  ): Promise<CapturedEvent[]> => {
    if (rung !== "floor") return [...events];
    const unknown: CapturedEvent[] = [];
    for (const event of events) {
      const outcome = await deps.lane.run(keyAccount(from), () => deps.countKnown(event));
      if (outcome === "no") unknown.push(event);
      else dropCounter.count({ project: event.project, outcome, reason: "", events: 1 });
    }
    return unknown;
  };

  return {
    accept: async (readers, from, delivery) => {
      const { events, ids, rejected } = await readAll(readers, from, deps);
      const rung = await pressure();
      if (rung === "hard" && events.length > 0) return { kind: "full" };
      if (events.length > 0 || delivery !== undefined) {
        const result = await append(await toStore(events, rung, from), from, delivery);
        if (result.kind === "repeatedDelivery") return result;
        deps.onAccepted();
      }
      stats.accepted += events.length;
      if (rejected.length > 0) drop("invalid", rejected.length, { project: from.project, sendsAgain: false });
      return { kind: "accepted", ids, rejected, pressure: rung };
    },
    pressure,
    drop,
    note: async ({ discarded = {}, reported = {} }, project) => {
      for (const [reason, events] of Object.entries(discarded)) {
        dropCounter.count({ project, outcome: "discarded", reason, events });
      }
      for (const [reason, events] of Object.entries(reported)) {
        dropCounter.count({ project, outcome: "reported", reason, events });
      }
      if (Object.keys(reported).length > 0) await dropCounter.flush();
    },
    stats: () => ({ accepted: stats.accepted, dropped: { ...stats.dropped } }),
  };

  /** Reads and cleans each Event in a piece of work of its own, so that a long list holds nobody up. */
  async function readAll(readers: readonly EventReader[], from: KeyOwner, { newId, clock, lane }: AcceptorDeps) {
    const defaultService = from.service ?? onlyServiceOf(services, from.project);
    const context = { project: from.project, receivedAt: clock.now(), newId, defaultService };
    const events: CapturedEvent[] = [];
    const rejected: { index: number; faults: Fault[] }[] = [];
    const ids: (string | null)[] = [];
    const readOne = (read: EventReader, index: number): string | null => {
      const result = read(context);
      const faults = result.kind === "invalid" ? result.faults : foreignService(services, result.event);
      if (result.kind === "invalid" || faults.length > 0) {
        rejected.push({ index, faults });
        return null;
      }
      events.push(clean({ ...result.event, trustTier: from.tier }));
      return result.event.id;
    };
    for (const [index, read] of readers.entries()) {
      ids.push(await lane.run(keyAccount(from), () => readOne(read, index)));
    }
    return { events, ids, rejected };
  }
}

/** The tag that names what was cut of an Event. */
const CUT_TAG = "selfheal.cut";

function withCuts(tags: Record<string, string>, cuts: readonly CutPart[]): Record<string, string> {
  return { ...Object.fromEntries(Object.entries(tags).slice(0, 63)), [CUT_TAG]: cuts.join(", ") };
}

function onlyServiceOf(services: AcceptorDeps["services"], project: string): string | undefined {
  const own = services.filter((service) => service.project === project);
  return own.length === 1 ? own[0]?.name : undefined;
}

/** A key of one project must not start runs on a service of another project. */
function foreignService(
  services: AcceptorDeps["services"],
  event: Pick<CapturedEvent, "service" | "project">,
): Fault[] {
  const named = services.find((service) => service.name === event.service);
  if (named === undefined || named.project === event.project) return [];
  return [{ path: "service", message: `"${event.service}" is not a service of this key's project` }];
}

function noDrops(): Record<DropReason, number> {
  return Object.fromEntries(DropReason.options.map((reason) => [reason, 0])) as Record<DropReason, number>;
}
