import { messageOf, SelfhealError } from "../../domain/errors.ts";
import type { CapturedEvent } from "../../domain/event.ts";
import type { Fingerprint } from "../../domain/issue.ts";
import type { DebounceStore } from "../../domain/ports/debounceStore.ts";
import type { EventSpool } from "../../domain/ports/eventSpool.ts";
import type { IssueStore } from "../../domain/ports/issueStore.ts";
import type { Log } from "../../domain/ports/log.ts";
import { digestAccount } from "../admission/cpuBudget.ts";
import { AT_ONCE, type WorkLane } from "../admission/workLane.ts";
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
  /** Where the Fingerprint of each Event is computed. Default: at once. */
  lane?: Pick<WorkLane, "run">;
  times: DebounceTimes;
  /** Computes the id that the issue store gives to the Issue of a Fingerprint. */
  issueIdOf: (project: string, service: string, fingerprint: Fingerprint) => string;
  /** Maps frames of built code to their sources before fingerprinting. Default: frames stay unchanged. */
  resolveFrames?: ResolveFrames;
}

/** Counts spooled Events on their Issues. */
export interface Digester {
  /**
   * Digests all waiting Events and resolves to their number. At-least-once: after a crash a step is repeated, and a
   * repeated step has no effect. Throws SelfhealError `digest` after all Events were tried. A failed Event is retried
   * at the next calls, a limited number of times.
   */
  digestPending(): Promise<number>;
}

/** An Event of a round, with its Fingerprint, its signal, and why it needs a run (null if it does not). */
interface Read {
  event: CapturedEvent;
  print: Fingerprint;
  signal: Signal;
  reason: AttentionReason | null;
}

type Fail = (event: CapturedEvent, thrown: unknown) => Promise<void>;

/** Events per read of the spool. */
const ROUND = 200;

/** Creates the digester. It turns spooled Events into Issues, and puts Issues that need a run into debounce windows. */
export function createDigester(deps: DigesterDeps): Digester {
  const { spool, issues, debounce, clock, times, lane = AT_ONCE } = deps;

  /**
   * One round. First it writes the windows of all Issues that need a run, then it digests all Events in one commit. A
   * crash between the two steps repeats both. In the opposite order a crash would lose a signal. In a storm on a known
   * Issue, each Event therefore costs a share of one commit.
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

  /**
   * Computes the Fingerprint of each Event and whether it needs a run, as if the Events before it were already counted.
   */
  const readAll = async (events: readonly CapturedEvent[], fail: Fail): Promise<Read[]> => {
    const known = new Map<string, SeenIssue>();
    const read: Read[] = [];
    for (const given of events) {
      try {
        const event = (await deps.resolveFrames?.(given)) ?? given;
        const print = await lane.run(digestAccount(event), () => fingerprintFor(deps, event));
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

  /**
   * Puts each Issue into its window, once per round. Returns the Issues whose window could not be written, with the
   * error.
   */
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

  /**
   * A window stays open while its own Issues keep happening. This writes one row per round and Issue, not one per
   * Event.
   */
  const prolongAll = async (read: readonly Read[]): Promise<void> => {
    const quiet = new Map(read.filter(({ reason }) => reason === null).map(({ signal }) => [signal.issueId, signal]));
    for (const signal of quiet.values()) {
      const window = await debounce.get(signal.project, signal.service);
      if (window?.issueIds.includes(signal.issueId)) await extend(signal);
    }
  };

  /**
   * Records a failure, so that the failed Event does not block the Events behind it. If the failure cannot be recorded,
   * the disk is at fault: the original error is rethrown and all Events wait.
   */
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
