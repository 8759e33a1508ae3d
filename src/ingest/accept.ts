import type { Fault } from "../domain/errors.ts";
import type { CapturedEvent, DropReason } from "../domain/event.ts";
import { DropReason as DropReasons } from "../domain/event.ts";
import type { Clock, EventSpool } from "../domain/ports.ts";
import type { KeyOwner } from "./auth.ts";
import { type Pressure, type PressureLimits, pressureOf } from "./pressure.ts";
import type { EventReader } from "./protocols/contract.ts";
import { scrub } from "./scrub.ts";

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
  | { kind: "full" };

interface IngestStats {
  accepted: number;
  dropped: Record<DropReason, number>;
}

/** Takes Events in: reads, scrubs, and stores them before it answers. */
export interface Acceptor {
  /** Resolves once the good ones are durable. Throws what the spool throws; then none of them counts as taken. */
  accept(events: readonly EventReader[], from: KeyOwner): Promise<AcceptResult>;
  /** How hard it is to keep up at the moment. */
  pressure(): Promise<Pressure>;
  /** Counts Events that were refused before they got here. */
  drop(reason: DropReason, events?: number): void;
  stats(): IngestStats;
}

export interface AcceptorDeps {
  spool: EventSpool & { depth(): Promise<number> };
  clock: Clock;
  /** 32 hex digits, unique. */
  newId: () => string;
  /** The configured services: a key may name only those of its own project, or ones that nobody configured. */
  services: readonly { name: string; project: string }[];
  limits: PressureLimits;
  /** Called after each durable append: the pump's `nudge`. */
  onAccepted: () => void;
}

/** The acceptor over a spool. */
export function createAcceptor(deps: AcceptorDeps): Acceptor {
  const { spool, clock, services } = deps;
  const stats: IngestStats = { accepted: 0, dropped: noDrops() };
  const drop = (reason: DropReason, events = 1) => {
    stats.dropped[reason] += events;
  };
  // What is on its way to the disk fills the spool too.
  let pending = 0;
  const pressure = async (): Promise<Pressure> =>
    pressureOf({ rows: (await spool.depth()) + pending, bytes: 0, freeDisk: Number.POSITIVE_INFINITY }, deps.limits);
  const append = async (events: readonly CapturedEvent[]): Promise<void> => {
    pending += events.length;
    try {
      await spool.append(events);
    } finally {
      pending -= events.length;
    }
    deps.onAccepted();
  };

  return {
    accept: async (readers, from) => {
      const { events, ids, rejected } = readAll(readers, from, deps);
      const rung = await pressure();
      if (rung === "hard" && events.length > 0) {
        drop("queueFull", readers.length);
        return { kind: "full" };
      }
      if (events.length > 0) await append(events.map(scrub));
      stats.accepted += events.length;
      if (rejected.length > 0) drop("invalid", rejected.length);
      return { kind: "accepted", ids, rejected, pressure: rung };
    },
    pressure,
    drop,
    stats: () => ({ accepted: stats.accepted, dropped: { ...stats.dropped } }),
  };

  function readAll(readers: readonly EventReader[], from: KeyOwner, { newId }: AcceptorDeps) {
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
  return Object.fromEntries(DropReasons.options.map((reason) => [reason, 0])) as Record<DropReason, number>;
}
