import type { Clock } from "../../domain/ports/clock.ts";
import type { IssueStore } from "../../domain/ports/issueStore.ts";
import type { LessonStore } from "../../domain/ports/lessonStore.ts";
import type { SuppressionStore } from "../../domain/ports/suppressionStore.ts";
import type { TicketBook } from "../../domain/ports/ticketBook.ts";
import type { TaughtRules } from "../../domain/taughtRule.ts";
import { findTicket } from "../readTicketReceipt.ts";
import type { Reach } from "./accessRules.ts";

/** The stores that know which service something belongs to. */
export interface ScopeDeps {
  tickets: TicketBook;
  issues: IssueStore;
  suppressions: SuppressionStore;
  lessons: LessonStore;
  taughtRules: TaughtRules;
  clock: Clock;
}

/** The service of what the path parameter names; null: there is no such thing, or it belongs to no service. */
export async function serviceOf(
  deps: ScopeDeps,
  on: Exclude<Reach, "all" | "any">,
  params: Readonly<Record<string, string>>,
): Promise<string | null> {
  const id = decoded(params.id ?? params.thread_id ?? "");
  switch (on) {
    case "ticket": {
      const found = await findTicket(deps, id);
      return found.kind === "found" ? found.ticket.service : null;
    }
    case "thread":
      return (await deps.tickets.get(id))?.service ?? null;
    case "issue":
      return (await deps.issues.get(id))?.service ?? null;
    case "issueRule":
      return deps.taughtRules.get(id)?.service ?? null;
    case "lesson":
      return (await deps.lessons.list({ limit: 1000 })).find((lesson) => lesson.id === id)?.service ?? null;
    case "suppression": {
      const held = (await deps.suppressions.list(deps.clock.now())).find((one) => one.id === id);
      return held === undefined ? null : ((await deps.issues.get(held.issueId))?.service ?? null);
    }
  }
}

/** The parameter as the handler reads it. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** The service of a ticket or an Issue that a body names; null: neither exists. */
export async function serviceOfRef(deps: Pick<ScopeDeps, "tickets" | "issues">, ref: string): Promise<string | null> {
  const issue = await deps.issues.get(ref);
  if (issue !== null) return issue.service;
  const found = await findTicket(deps, ref);
  return found.kind === "found" ? found.ticket.service : null;
}
