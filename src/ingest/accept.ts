import type { Fault } from "../domain/errors.ts";
import type { CapturedEvent, DropReason, TrustTier } from "../domain/event.ts";
import type { Clock, EventSpool } from "../domain/ports.ts";
import { normalizeEvent } from "./normalize.ts";
import { scrub } from "./scrub.ts";

/** What became of the Events of one request, by their index in it. */
export type AcceptResult =
  /** Durable. `ids[i]` is null where the Event was rejected. */
  | { kind: "accepted"; ids: (string | null)[]; rejected: { index: number; faults: Fault[] }[] }
  /** Too many Events wait already; none of these was taken. */
  | { kind: "full" };

interface IngestStats {
  accepted: number;
  dropped: Record<DropReason, number>;
}

/** Takes Events in: normalizes, scrubs, and stores them before it answers. */
export interface Acceptor {
  /** Resolves once the good ones are durable. Throws what the spool throws; then none of them counts as taken. */
  accept(wires: readonly unknown[], from: { project: string; tier: TrustTier }): Promise<AcceptResult>;
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
  maxSpool: number;
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
  // Counted down, and measured again only when it runs out: digesting frees room that this does not see.
  let room = 0;
  const hasRoom = async (events: number): Promise<boolean> => {
    if (room < events) room = deps.maxSpool - (await spool.depth());
    if (room < events) return false;
    room -= events;
    return true;
  };

  return {
    accept: async (wires, from) => {
      const receivedAt = clock.now();
      const origin = { ...from, receivedAt, newId: deps.newId, defaultService: onlyServiceOf(services, from.project) };
      const events: CapturedEvent[] = [];
      const rejected: { index: number; faults: Fault[] }[] = [];
      const ids = wires.map((wire, index) => {
        const result = normalizeEvent(wire, origin);
        const faults = result.kind === "invalid" ? result.faults : foreignService(services, result.event);
        if (result.kind === "invalid" || faults.length > 0) {
          rejected.push({ index, faults });
          return null;
        }
        events.push(scrub(result.event));
        return result.event.id;
      });
      if (events.length > 0) {
        if (!(await hasRoom(events.length))) {
          drop("queueFull", wires.length);
          return { kind: "full" };
        }
        await spool.append(events);
        deps.onAccepted();
      }
      stats.accepted += events.length;
      if (rejected.length > 0) drop("invalid", rejected.length);
      return { kind: "accepted", ids, rejected };
    },
    drop,
    stats: () => ({ accepted: stats.accepted, dropped: { ...stats.dropped } }),
  };
}

function onlyServiceOf(services: AcceptorDeps["services"], project: string): string | undefined {
  const own = services.filter((service) => service.project === project);
  return own.length === 1 ? own[0]?.name : undefined;
}

/** A key of one project must not start runs on another's service. */
function foreignService(services: AcceptorDeps["services"], event: CapturedEvent): Fault[] {
  const named = services.find((service) => service.name === event.service);
  if (named === undefined || named.project === event.project) return [];
  return [{ path: "service", message: `"${event.service}" is not a service of this key's project` }];
}

function noDrops(): Record<DropReason, number> {
  return {
    invalid: 0,
    tooLarge: 0,
    tooDeep: 0,
    unauthorized: 0,
    rateLimited: 0,
    queueFull: 0,
    sampled: 0,
    disabled: 0,
  };
}
