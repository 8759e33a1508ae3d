import type { Fault } from "../domain/errors.ts";
import { type CapturedEvent, DropReason } from "../domain/event.ts";
import type { Clock } from "../domain/ports/clock.ts";
import type { EventSpool, SignedDelivery } from "../domain/ports/eventSpool.ts";
import { DEFAULT_PRIVACY, type PrivacyRules } from "../domain/privacy.ts";
import type { KeyOwner } from "./admission/auth.ts";
import { type Pressure, type PressureLimits, pressureOf } from "./admission/pressure.ts";
import type { Counted } from "./digest/countSeenIssue.ts";
import type { DropCounter } from "./dropCounter.ts";
import { withoutDeniedNames } from "./privacy/deniedNames.ts";
import { redactionBy } from "./privacy/redactionRules.ts";
import { scrub } from "./privacy/scrub.ts";
import type { Contents, EventReader } from "./protocols/contract.ts";

/** What became of the Events of one request, by their index in it. */
export type AcceptResult =
  /** Durable. `ids[i]` is null where the Event was rejected. */
  | {
      kind: "accepted";
      ids: (string | null)[];
      rejected: { index: number; faults: Fault[] }[];
      pressure: Pressure;
    }
  /** Too much waits already; none of these was taken. */
  | { kind: "full" }
  /** The signed request was taken before. */
  | { kind: "repeatedDelivery" };

interface IngestStats {
  accepted: number;
  dropped: Record<DropReason, number>;
}

/** Whose Events they were, and whether the client still has them and will send them again. */
export interface DropOf {
  project: string;
  sendsAgain: boolean;
}

/** Takes Events in: reads, scrubs, and stores them before it answers. */
export interface Acceptor {
  /** Resolves once the good ones are durable. Throws what the spool throws; then none of them counts as taken. */
  accept(events: readonly EventReader[], from: KeyOwner, delivery?: SignedDelivery): Promise<AcceptResult>;
  /** How hard it is to keep up at the moment. */
  pressure(): Promise<Pressure>;
  /** Counts Events that were refused before they got here. */
  drop(reason: DropReason, events?: number, of?: DropOf): void;
  /** Counts what else a body told. Resolves once what the client reported is durable. */
  note(contents: Contents, project: string): Promise<void>;
  stats(): IngestStats;
}

export interface AcceptorDeps {
  spool: Pick<EventSpool, "append" | "waiting">;
  ledger: DropCounter;
  clock: Clock;
  /** 32 hex digits, unique. */
  newId: () => string;
  /** The configured services: a key may name only those of its own project, or ones that nobody configured. */
  services: readonly { name: string; project: string }[];
  limits: PressureLimits;
  /** What is taken out beside what is secret for everybody. */
  privacy?: () => PrivacyRules;
  /** Bytes that the disk has left. */
  freeDisk: () => number;
  /** For when the disk is nearly full: counts an Event of a known family without storing it. */
  countKnown: (event: CapturedEvent) => Promise<Counted>;
  /** Called after each durable append: the pump's `nudge`. */
  onAccepted: () => void;
}

/** Refusals after which sending the same again has a chance. */
const PASSING: ReadonlySet<DropReason> = new Set(["rateLimited", "queueFull", "unavailable"]);

/** The acceptor over a spool. */
export function createAcceptor(deps: AcceptorDeps): Acceptor {
  const { spool, ledger, services } = deps;
  const stats: IngestStats = { accepted: 0, dropped: noDrops() };
  const drop: Acceptor["drop"] = (reason, events = 1, of) => {
    stats.dropped[reason] += events;
    const outcome = of?.sendsAgain === true && PASSING.has(reason) ? "deferred" : "dropped";
    ledger.count({ project: of?.project ?? "", outcome, reason, events });
  };
  const redactionNow = redactionBy(deps.privacy ?? (() => DEFAULT_PRIVACY));
  const clean = (event: CapturedEvent) => {
    const redaction = redactionNow();
    return scrub(withoutDeniedNames(event, redaction.isDenied), redaction);
  };
  // What is on its way to the disk fills the spool too.
  let pending = 0;
  const pressure = async (): Promise<Pressure> => {
    const { rows, bytes } = await spool.waiting();
    return pressureOf({ rows: rows + pending, bytes, freeDisk: deps.freeDisk() }, deps.limits);
  };
  const append = async (events: readonly CapturedEvent[], delivery?: SignedDelivery) => {
    pending += events.length;
    try {
      return await spool.append(events, delivery);
    } finally {
      pending -= events.length;
    }
  };
  /** Those that have to be stored: all of them, but for the known ones at the disk's floor. */
  const toStore = async (events: readonly CapturedEvent[], rung: Pressure): Promise<CapturedEvent[]> => {
    if (rung !== "floor") return [...events];
    const unknown: CapturedEvent[] = [];
    for (const event of events) {
      const outcome = await deps.countKnown(event);
      if (outcome === "no") unknown.push(event);
      else ledger.count({ project: event.project, outcome, reason: "", events: 1 });
    }
    return unknown;
  };

  return {
    accept: async (readers, from, delivery) => {
      const { events, ids, rejected } = readAll(readers, from, deps);
      const rung = await pressure();
      if (rung === "hard" && events.length > 0) return { kind: "full" };
      if (events.length > 0 || delivery !== undefined) {
        const result = await append(await toStore(events.map(clean), rung), delivery);
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
        ledger.count({ project, outcome: "discarded", reason, events });
      }
      for (const [reason, events] of Object.entries(reported)) {
        ledger.count({ project, outcome: "reported", reason, events });
      }
      if (Object.keys(reported).length > 0) await ledger.flush();
    },
    stats: () => ({ accepted: stats.accepted, dropped: { ...stats.dropped } }),
  };

  function readAll(readers: readonly EventReader[], from: KeyOwner, { newId, clock }: AcceptorDeps) {
    const defaultService = from.service ?? onlyServiceOf(services, from.project);
    const context = { project: from.project, receivedAt: clock.now(), newId, defaultService };
    const events: CapturedEvent[] = [];
    const rejected: { index: number; faults: Fault[] }[] = [];
    const ids = readers.map((read, index) => {
      const result = read(context);
      const faults = result.kind === "invalid" ? result.faults : foreignService(services, result.event);
      if (result.kind === "invalid" || faults.length > 0) {
        rejected.push({ index, faults });
        return null;
      }
      events.push({ ...result.event, trustTier: from.tier });
      return result.event.id;
    });
    return { events, ids, rejected };
  }
}

function onlyServiceOf(services: AcceptorDeps["services"], project: string): string | undefined {
  const own = services.filter((service) => service.project === project);
  return own.length === 1 ? own[0]?.name : undefined;
}

/** A key of one project must not start runs on another's service. */
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
