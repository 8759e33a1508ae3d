import { messageOf, SelfhealError } from "../../domain/errors.ts";
import type { CapturedEvent } from "../../domain/event.ts";
import type { Fingerprint } from "../../domain/issue.ts";
import type { DebounceStore } from "../../domain/ports/debounceStore.ts";
import type { EventSpool } from "../../domain/ports/eventSpool.ts";
import type { IssueStore } from "../../domain/ports/issueStore.ts";
import type { Log } from "../../domain/ports/log.ts";
import type { ResolveFrames } from "../sourceMaps/resolveFrames.ts";
import type { AttentionReason } from "./attentionReason.ts";
import { type DebounceTimes, extendWindow, type Signal } from "./debounce.ts";
import {
  attentionReasonOfNext,
  fingerprintFor,
  lookUpIssue,
  type SeenIssue,
  type SeenIssueDeps,
} from "./seenIssues.ts";

export interface DigesterDeps extends SeenIssueDeps {
  spool: EventSpool;
  issues: IssueStore;
  debounce: DebounceStore;
  log?: Log;
  times: DebounceTimes;
  /** The id that the issue store gives to the Issue of a Fingerprint. */
  issueIdOf: (project: string, service: string, fingerprint: Fingerprint) => string;
  /** Finds frames of built code in their sources, before anything is made of them; default: they stay as they are. */
  resolveFrames?: ResolveFrames;
}

export interface Digester {
  /**
   * Digests everything that waits; resolves to how many Events that were. At-least-once: a crash repeats a step, and repeating
   * does nothing. Throws SelfhealError `digest` after all were tried; what failed is tried again at the next call, a few times.
   */
  digestPending(): Promise<number>;
}

/** An Event of a round. */
interface Read {
  event: CapturedEvent;
  print: Fingerprint;
  signal: Signal;
  reason: AttentionReason | null;
}

type Fail = (event: CapturedEvent, thrown: unknown) => Promise<void>;

/** Events of one read of the spool. */
const ROUND = 200;

/** Turns spooled Events into Issues, and Issues that call for a run into debounce windows. */
export function createDigester(deps: DigesterDeps): Digester {
  const { spool, issues, debounce, clock, times } = deps;

  /**
   * One round: first the windows of all Issues that call for a run, then all Events in one commit. A crash between the two
   * repeats both; the other way round it would lose a signal. A storm on a known Issue so costs a share of one commit.
   */
  const digestRound = async (failures: Map<string, unknown>): Promise<{ seen: number; digested: number }> => {
    const events = (await spool.undigested(ROUND)).filter((event) => !failures.has(keyOf(event)));
    const failedBefore = failures.size;
    const fail = (event: CapturedEvent, thrown: unknown) => noteFailure(event, thrown, failures);
    const read = await readAll(events, fail);
    const stuck = await extendAll(read.filter(({ reason }) => reason !== null));
    const results = await Promise.allSettled(
      read.map(({ event, print, signal }) =>
        stuck.has(signal.issueId) ? Promise.reject(stuck.get(signal.issueId)) : issues.digest(event, print),
      ),
    );
    for (const [index, result] of results.entries()) {
      const event = read[index]?.event;
      if (result.status === "rejected" && event !== undefined) await fail(event, result.reason);
    }
    await prolongAll(read);
    return { seen: events.length, digested: events.length - (failures.size - failedBefore) };
  };

  /** Events with their Fingerprint, and whether they call for a run, each as if those before it were counted already. */
  const readAll = async (events: readonly CapturedEvent[], fail: Fail): Promise<Read[]> => {
    const known = new Map<string, SeenIssue>();
    const read: Read[] = [];
    for (const given of events) {
      try {
        const event = (await deps.resolveFrames?.(given)) ?? given;
        const print = fingerprintFor(deps, event);
        const issueId = deps.issueIdOf(event.project, event.service, print);
        const before = known.get(issueId) ?? (await lookUpIssue(deps, issueId));
        const signal = { project: event.project, service: event.service, issueId };
        read.push({ event, print, signal, reason: attentionReasonOfNext(before, event) });
        known.set(issueId, { ...before, count: before.count + 1 });
      } catch (thrown) {
        await fail(given, thrown);
      }
    }
    return read;
  };

  /** Puts each Issue into its window, once a round. Those for which that failed, with what was thrown. */
  const extendAll = async (calling: readonly Read[]): Promise<Map<string, unknown>> => {
    const stuck = new Map<string, unknown>();
    const signals = new Map(calling.map(({ signal }) => [signal.issueId, signal]));
    for (const signal of signals.values()) {
      try {
        await extend(signal);
      } catch (thrown) {
        stuck.set(signal.issueId, thrown);
      }
    }
    return stuck;
  };

  const extend = async (signal: Signal): Promise<void> => {
    const window = await debounce.get(signal.project, signal.service);
    await debounce.put(extendWindow(window, signal, clock.now(), times));
  };

  /** A window stays open while its own Issues keep happening; one row a round and Issue, not one an Event. */
  const prolongAll = async (read: readonly Read[]): Promise<void> => {
    const quiet = new Map(read.filter(({ reason }) => reason === null).map(({ signal }) => [signal.issueId, signal]));
    for (const signal of quiet.values()) {
      const window = await debounce.get(signal.project, signal.service);
      if (window?.issueIds.includes(signal.issueId)) await extend(signal);
    }
  };

  /** One that fails must not block those behind it; where not even that can be noted, the disk is at fault and all of them wait. */
  const noteFailure = async (event: CapturedEvent, thrown: unknown, failures: Map<string, unknown>): Promise<void> => {
    failures.set(keyOf(event), thrown);
    const { setAside } = await spool.failed(event, messageOf(thrown)).catch(() => Promise.reject(thrown));
    if (setAside)
      deps.log?.error("an event cannot be digested and was set aside", { project: event.project, event: event.id });
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
