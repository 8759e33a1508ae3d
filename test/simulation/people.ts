import { answerTicket } from "../../src/dashboard/answerTicket.ts";
import { ApprovalDecision, type DecisionType } from "../../src/domain/approval.ts";
import { digestOf } from "../../src/domain/patch.ts";
import type { Ticket } from "../../src/domain/ticket.ts";
import { diffTrees } from "./diffs.ts";
import { APP, bugLine, fixedLine, harmfulLine, rewrittenLine } from "./source.ts";
import type { World } from "./world.ts";

/** How one person answers. */
export interface Answering {
  ticketId: string;
  by: string;
  type: DecisionType;
  /** Which patch they name. */
  digest: "right" | "wrong" | "none";
  /** Through selfheal's own API, or straight to the run as Studio does. */
  via: "api" | "studio";
}

/** A person answers the open question of a ticket; what comes of it is seen later. */
export function answer(world: World, how: Answering): void {
  const ticket = world.disk.tickets.get(how.ticketId);
  const { stores, host, opened } = world.process;
  if (ticket === undefined || ticket.approval === null) return;
  const { kind, patchDigest } = ticket.approval;
  const named = { right: patchDigest ?? undefined, wrong: digestOf("another patch"), none: undefined }[how.digest];
  const decision = ApprovalDecision.parse({
    type: how.type,
    by: how.by,
    message: how.type === "guide" ? "look again" : "",
    ...(named !== undefined && { patchDigest: named }),
    ...(how.type === "edit" && { diff: editOf(world, ticket) }),
  });
  const takeBack = world.oracle.said({
    ticketId: how.ticketId,
    type: how.type,
    question: kind,
    digest: named ?? patchDigest,
  });
  world.note(`${how.by} says ${how.type} to ${kind} of ${how.ticketId.slice(0, 8)} (${how.via}, ${how.digest} digest)`);
  const work = async () =>
    how.via === "api"
      ? answerTicket(
          { ...stores, starter: host, clock: world.time, twoPersonRule: () => false },
          how.ticketId,
          decision,
        )
      : host.answerRun(how.ticketId, decision);
  void opened.then(work).then(
    (result) => {
      if (result?.kind === "refused") takeBack();
      world.note(`${how.by} hears ${result?.kind ?? "nothing"}`);
    },
    (error) => world.note(`${how.by} hears ${String(error)}`),
  );
}

/** What a person would rather have: a better line, a harmful one, or no diff at all. */
function editOf({ git, random }: World, ticket: Ticket): string {
  const n = Number(ticket.plan?.places[0]?.function?.slice(1) ?? 0);
  const base = ticket.patch === null ? null : git.read(ticket.patch.baseCommit).tree;
  const kind = random.pick({ better: 60, same: 10, harmful: 15, garbage: 15 });
  if (base === null || kind === "garbage") return "this is no diff";
  const line = { better: rewrittenLine(n, 0), same: fixedLine(n), harmful: harmfulLine(n) }[kind];
  return diffTrees(base, { ...base, [APP]: (base[APP] ?? "").replace(bugLine(n), line) });
}
