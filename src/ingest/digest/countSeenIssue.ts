import type { CapturedEvent } from "../../domain/event.ts";
import type { DigesterDeps } from "./digest.ts";
import { attentionReasonOfNext, fingerprintFor, lookUpIssue } from "./seenIssues.ts";

/** What became of an Event that came while the disk was nearly full. `no`: it has to be stored as ever. */
export type Counted = "counted" | "repeated" | "no";

/**
 * Counts an Event on its Issue at once, past the spool, where the Issue is known and the Event calls for nothing: what is left
 * of the disk is for problems that nobody has seen yet.
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
