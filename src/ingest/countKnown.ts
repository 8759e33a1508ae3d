import type { CapturedEvent } from "../domain/event.ts";
import type { DigesterDeps } from "./digest.ts";
import { fingerprint } from "./fingerprint.ts";
import { signalOf } from "./signal.ts";

/** What became of an Event that came while the disk was nearly full. `no`: it has to be stored as ever. */
export type Counted = "counted" | "repeated" | "no";

/**
 * Counts an Event on its Issue at once, past the spool, where the Issue is known and the Event calls for nothing: what is left
 * of the disk is for problems that nobody has seen yet.
 */
export function createKnownCounter(
  deps: Pick<DigesterDeps, "issues" | "suppressions" | "clock" | "issueIdOf" | "ticket">,
): (event: CapturedEvent) => Promise<Counted> {
  return async (event) => {
    const print = fingerprint(event);
    const issueId = deps.issueIdOf(event.project, event.service, print);
    const before = await deps.issues.get(issueId);
    if (before === null) return "no";
    const ticket = before.ticketId === null ? null : ((await deps.ticket(before.ticketId)) ?? "archived");
    const now = deps.clock.now();
    const signal = signalOf(before.count + 1, ticket, event.receivedAt, {
      release: event.release,
      suppressed: (await deps.suppressions.active(issueId, now)) !== null,
      suppressionEndedAt: await deps.suppressions.endedAt(issueId, now),
    });
    if (signal !== null) return "no";
    const { repeated } = await deps.issues.digest(event, print);
    return repeated ? "repeated" : "counted";
  };
}
