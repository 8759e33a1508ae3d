import { uuidFrom } from "../domain/ids.ts";
import type { Issue } from "../domain/issue.ts";
import { type Lesson, type Likeness, type Recollection, recollections } from "../domain/lesson.ts";
import { describeDiff } from "../domain/patch.ts";
import type { BlobStore } from "../domain/ports/blobStore.ts";
import type { Clock } from "../domain/ports/clock.ts";
import type { IssueStore } from "../domain/ports/issueStore.ts";
import type { LessonStore } from "../domain/ports/lessonStore.ts";
import type { TicketBook } from "../domain/ports/ticketBook.ts";
import type { Ticket } from "../domain/ticket.ts";
import type { PatchEnding, RecordOutcome } from "../domain/trackRecord.ts";

/** Lessons that are searched for a ticket. */
const MAX_SEARCHED = 1000;
/** Lessons that a brain gets. */
const MAX_RECALLED = 3;
const MAX_DIFF = 8192;

export interface MemoryDeps {
  lessons: LessonStore;
  issues: IssueStore;
  tickets: TicketBook;
  blobs: BlobStore;
  clock: Clock;
}

/** Finds the Lessons of earlier tickets like this one, the most similar first. */
export type Recall = (ticket: Ticket) => Promise<Recollection[]>;

/**
 * Records how a Patch ended and stores it as a Lesson. A ticket whose Events anybody could have sent (trust tier T0,
 * not corroborated) leaves no Lesson: it could have been planted.
 */
export function withMemory(deps: MemoryDeps, record: RecordOutcome): RecordOutcome {
  return async (ticket, ending) => {
    await record(ticket, ending);
    if (ticket.trustTier === "T0" && !ticket.corroborated) return;
    // Read again: the caller's copy may be older than the person's answer.
    const now = (await deps.tickets.get(ticket.id)) ?? ticket;
    await deps.lessons.add(await lessonOf(deps, now, ending));
  };
}

/** Creates the search in the Lessons of the ticket's service; see `recollections` for what counts as similar. */
export function createRecall(deps: Pick<MemoryDeps, "lessons" | "issues">): Recall {
  return async (ticket) => {
    const lessons = await deps.lessons.list({ service: ticket.service, limit: MAX_SEARCHED });
    const problem = likenessOf(await issuesOf(deps, ticket), ticket.plan?.files ?? []);
    return recollections(problem, lessons, MAX_RECALLED);
  };
}

async function lessonOf(deps: MemoryDeps, ticket: Ticket, ending: PatchEnding): Promise<Lesson> {
  const { outcome, patchDigest, editedDigest } = ending;
  const diff = (await deps.blobs.get(editedDigest ?? patchDigest)) ?? "";
  const patch = ticket.attempts.map((attempt) => attempt.patch).find((one) => one?.digest === patchDigest);
  return {
    id: uuidFrom("lesson", ticket.id, outcome, patchDigest),
    ticketId: ticket.id,
    service: ticket.service,
    outcome,
    at: deps.clock.now(),
    ...likenessOf(await issuesOf(deps, ticket), describeDiff(diff).files),
    by:
      editedDigest === undefined
        ? (patch?.by ?? ticket.patch?.by ?? "unknown")
        : `person:${(ending.by ?? "unknown").replace(/^person:/, "")}`,
    patchDigest,
    diff: diff.slice(0, MAX_DIFF),
    note: noteOf(ticket, ending).slice(0, 1000),
  };
}

/** The person's message about this Patch; if there is none, the ticket's reason. */
function noteOf(ticket: Ticket, { patchDigest }: PatchEnding): string {
  const said = ticket.decisions.findLast((decision) => decision.patchDigest === patchDigest)?.message;
  return said === undefined || said === "" ? ticket.reason : said;
}

async function issuesOf(deps: Pick<MemoryDeps, "issues">, ticket: Ticket): Promise<Issue[]> {
  const found = await Promise.all(ticket.issueIds.map((id) => deps.issues.get(id)));
  return found.filter((issue) => issue !== null);
}

function likenessOf(issues: readonly Issue[], files: readonly string[]): Likeness {
  const each = (of: (issue: Issue) => string) => [...new Set(issues.map(of))].slice(0, 20);
  return {
    families: each((issue) => issue.fingerprint.family),
    titles: each((issue) => issue.title),
    culprits: each((issue) => issue.culprit),
    files: [...new Set(files)].slice(0, 20),
  };
}
