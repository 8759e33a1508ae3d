import type { CapturedEvent } from "../../domain/event.ts";
import type { DigesterDeps } from "./digest.ts";
import { attentionReasonOfNext, fingerprintFor, lookUpIssue } from "./seenIssues.ts";

/**
 * The outcome for an Event that arrived while the disk was nearly full. `repeated`: the Event was counted before. `no`:
 * the Event must be stored as usual.
 */
export type Counted = "counted" | "repeated" | "no";

/**
 * Creates the counter for a nearly full disk. It counts an Event on its Issue directly, without the spool, if the Issue
 * is known and the Event needs no run. The rest of the disk is reserved for problems that are new.
 */
export function createSeenIssueCounter(
  deps: Pick<
    DigesterDeps,
    "issues" | "suppressions" | "clock" | "issueIdOf" | "ticket" | "groupingRules" | "resolveFrames"
  >,
): (event: CapturedEvent) => Promise<Counted> {
  return async (given) => {
    const event = (await deps.resolveFrames?.(given)) ?? given;
    const print = fingerprintFor(deps, event);
    const known = await lookUpIssue(deps, deps.issueIdOf(event.project, event.service, print));
    if (known.count === 0 || attentionReasonOfNext(known, event) !== null) return "no";
    const { repeated } = await deps.issues.digest(event, print);
    return repeated ? "repeated" : "counted";
  };
}
