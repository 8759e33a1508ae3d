import { messageOf, SelfhealError } from "../domain/errors.ts";
import type { CapturedEvent } from "../domain/event.ts";
import type { Fingerprint } from "../domain/issue.ts";
import type { Clock, DebounceStore, EventSpool, IssueStore, Log, SuppressionStore } from "../domain/ports.ts";
import type { Ticket } from "../domain/ticket.ts";
import { type DebounceTimes, extendWindow, type Signal } from "./debounce.ts";
import { fingerprint } from "./fingerprint.ts";
import { signalOf } from "./signal.ts";

export interface DigesterDeps {
  spool: EventSpool;
  issues: IssueStore;
  debounce: DebounceStore;
  suppressions: SuppressionStore;
  clock: Clock;
  log?: Log;
  times: DebounceTimes;
  /** The id that the issue store gives to the Issue of a Fingerprint. */
  issueIdOf: (project: string, service: string, fingerprint: Fingerprint) => string;
  /** The ticket that an Issue names. */
  ticket: (id: string) => Promise<Ticket | null>;
}

export interface Digester {
  /**
   * Digests everything that waits; resolves to how many Events that were. At-least-once: a crash repeats a step, and repeating
   * does nothing. Throws SelfhealError `digest` after all were tried; what failed is tried again at the next call, a few times.
   */
  digestPending(): Promise<number>;
}

/** Events of one read of the spool. */
const ROUND = 200;

/** Turns spooled Events into Issues, and Issues that call for a run into debounce windows. */
export function createDigester(deps: DigesterDeps): Digester {
  const { spool, issues, debounce, clock, times } = deps;

  /** The Issue's signal if the Event calls for nothing by itself. */
  const digestEvent = async (event: CapturedEvent): Promise<Signal | null> => {
    const print = fingerprint(event);
    const issueId = deps.issueIdOf(event.project, event.service, print);
    const before = await issues.get(issueId);
    // Tickets are opened before Issues name them, so one that is not in the book any more is in the archive.
    const ticket = before?.ticketId ? ((await deps.ticket(before.ticketId)) ?? "archived") : null;
    const signal = { project: event.project, service: event.service, issueId };
    const now = clock.now();
    const reason = signalOf((before?.count ?? 0) + 1, ticket, event.receivedAt, {
      release: event.release,
      suppressed: (await deps.suppressions.active(issueId, now)) !== null,
      suppressionEndedAt: await deps.suppressions.endedAt(issueId, now),
    });
    // The window first: a crash before the Event is marked as digested repeats both, one after it would lose the signal.
    if (reason !== null) await extend(signal);
    await issues.digest(event, print);
    return reason === null ? signal : null;
  };

  const extend = async (signal: Signal): Promise<void> => {
    const window = await debounce.get(signal.project, signal.service);
    await debounce.put(extendWindow(window, signal, clock.now(), times));
  };

  /** A window stays open while its own Issues keep happening. */
  const prolong = async (signal: Signal): Promise<void> => {
    const window = await debounce.get(signal.project, signal.service);
    if (window?.issueIds.includes(signal.issueId)) await extend(signal);
  };

  /** One that fails must not block those behind it; where not even that can be noted, the disk is at fault and all of them wait. */
  const attempt = async (event: CapturedEvent, failures: Map<string, unknown>): Promise<Signal | null> => {
    try {
      return await digestEvent(event);
    } catch (thrown) {
      failures.set(keyOf(event), thrown);
      const { setAside } = await spool.failed(event, messageOf(thrown)).catch(() => Promise.reject(thrown));
      if (setAside)
        deps.log?.error("an event cannot be digested and was set aside", { project: event.project, event: event.id });
      return null;
    }
  };

  const digestRound = async (failures: Map<string, unknown>): Promise<{ seen: number; digested: number }> => {
    const events = (await spool.undigested(ROUND)).filter((event) => !failures.has(keyOf(event)));
    const failedBefore = failures.size;
    const quiet = new Map<string, Signal>();
    for (const event of events) {
      const signal = await attempt(event, failures);
      if (signal !== null) quiet.set(signal.issueId, signal);
    }
    // Once a round and not once an Event: a storm on a known Issue costs one row.
    for (const signal of quiet.values()) await prolong(signal);
    return { seen: events.length, digested: events.length - (failures.size - failedBefore) };
  };

  return {
    digestPending: async () => {
      const failures = new Map<string, unknown>();
      let total = 0;
      for (let round = await digestRound(failures); round.seen > 0; round = await digestRound(failures)) {
        total += round.digested;
      }
      const [cause] = failures.values();
      if (failures.size === 0) return total;
      throw new SelfhealError("digest", `${failures.size} events were not digested: ${messageOf(cause)}`, { cause });
    },
  };
}

function keyOf({ project, id }: CapturedEvent): string {
  return `${project}/${id}`;
}
