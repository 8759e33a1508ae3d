import { isDeepStrictEqual } from "node:util";
import { DecisionType } from "../../../src/domain/approval.ts";
import { digestOf } from "../../../src/domain/patch.ts";
import { Ticket } from "../../../src/domain/ticket.ts";
import { ALLOWED } from "../../../src/graph/nodes/applyDecision.ts";
import { BUILT_DIFF } from "../../helpers/ticketBuilder.ts";
import type { Asked } from "./server.ts";
import { type Answer, OFFERS, openWays, type Told, WAYS, type Way } from "./ways.ts";

type Kind = keyof Asked["tickets"];
/** A plan's question is answered as a deployment's is: the sample leaves it out. */
const KINDS: Record<Size, readonly Kind[]> = {
  whole: ["approvePlan", "approveDeploy", "escalate"],
  sample: ["approveDeploy", "escalate"],
};
/** What the answered question of each kind was answered with: it closes the ticket. */
const CLOSING = { approvePlan: "reject", approveDeploy: "reject", escalate: "dismiss" } as const;
const OTHER_DIFF = BUILT_DIFF.replace('?? ""', '?? "none"');

/** `whole`: every answer in every way, and every two ways at once. `sample`: one answer in each way, and each way and the next. */
export type Size = "whole" | "sample";

export interface ApprovalCounts {
  /** Way, answer and state. */
  cells: number;
  /** Two ways at once. */
  pairs: number;
  /** Answers that a way does not offer. */
  notOffered: number;
  told: Record<Told["result"], number>;
  violations: string[];
}

/** A server whose runs wait, and what was found so far. */
interface Bench {
  counts: ApprovalCounts;
  stored(id: string): Promise<Ticket>;
  /** A ticket whose question nobody touched. */
  next(kind: Kind): Promise<Ticket>;
  send(way: Way, ticket: Ticket, answer: Answer): Promise<Told>;
  must(holds: boolean, what: string): void;
}

/** How many questions of each kind the matrix needs. */
export function questionsFor(size: Size): Record<Kind, number> {
  const needs = (kind: Kind) =>
    KINDS[size].includes(kind)
      ? 2 + takenCells(size, kind).length + pairsOf(size).filter(({ kind: of }) => of === kind).length
      : 0;
  return { approvePlan: needs("approvePlan"), approveDeploy: needs("approveDeploy"), escalate: needs("escalate") };
}

/** Answers in every way, and says what was not as it should be. */
export async function runMatrix(asked: Asked, size: Size): Promise<ApprovalCounts> {
  const bench = await openBench(asked);
  for (const kind of KINDS[size]) {
    const open = await bench.next(kind);
    const others = DecisionType.options.filter((type) => !ALLOWED[kind].includes(type));
    // Studio's people have no other word for it: their no to an escalation dismisses.
    for (const way of WAYS)
      await refused(bench, open, `not an answer to ${kind}`, without(others, way === "sdk" ? "reject" : null), {
        ways: [way],
      });
    if (kind === "approveDeploy") await refused(bench, open, "about another patch", ALLOWED[kind], ANOTHER_PATCH);
    await refused(bench, open, "by a link that has expired", ALLOWED[kind], { ways: ["link"], expired: true });
    const answered = await bench.next(kind);
    await taken(bench, answered, "rest", CLOSING[kind]);
    const closed = await untilClosed(bench, answered.id);
    await refused(bench, closed, `${kind} was answered`, DecisionType.options, { about: answered });
    for (const [way, type] of takenCells(size, kind)) await taken(bench, await bench.next(kind), way, type);
  }
  await Promise.all(pairsOf(size).map(async (pair) => atOnce(bench, await bench.next(pair.kind), pair)));
  return bench.counts;
}

async function openBench(asked: Asked): Promise<Bench> {
  const ways = await openWays(asked);
  const headers = { authorization: `Bearer ${asked.token}` };
  const told = { taken: 0, tooLate: 0, invalid: 0 };
  const counts: ApprovalCounts = { cells: 0, pairs: 0, notOffered: 0, told, violations: [] };
  const stored = async (id: string) => {
    const reply = await fetch(`${asked.url}/v1/tickets/${id}`, { headers });
    return Ticket.parse(((await reply.json()) as { ticket: unknown }).ticket);
  };
  return {
    counts,
    stored,
    next: async (kind) => stored(asked.tickets[kind].pop() ?? "none is left"),
    async send(way, ticket, answer) {
      const result = await ways[way](ticket, answer);
      told[result.result] += 1;
      return result;
    },
    must: (holds, what) => void (holds || counts.violations.push(what)),
  };
}

interface Refusing {
  ways?: readonly Way[];
  patchDigest?: string;
  expired?: boolean;
  /** The ticket as the answerer saw it. */
  about?: Ticket;
}

/** The command line answers what it has just shown: it names no other patch. */
const ANOTHER_PATCH: Refusing = { ways: WAYS.filter((way) => way !== "cli"), patchDigest: digestOf("another patch") };

/** Answers that do not count: whoever sends one is told so, in words, and the ticket stays as it was. */
async function refused(
  { counts, send, must, stored }: Bench,
  ticket: Ticket,
  state: string,
  types: readonly DecisionType[],
  { ways = WAYS, about = ticket, ...more }: Refusing = {},
): Promise<void> {
  for (const way of ways) {
    for (const type of types) {
      if (!OFFERS[way].includes(type)) {
        counts.notOffered += 1;
        continue;
      }
      counts.cells += 1;
      const { result, text } = await send(way, about, { type, ...more, ...diffOf(type) });
      must(result !== "taken" && text !== "", `${way}, ${type}, ${state}: told ${result}: ${text.slice(0, 200)}`);
      must(isSame(await stored(ticket.id), ticket), `${way}, ${type}, ${state}: the ticket changed`);
    }
  }
}

/** The first answer counts, and the same one again does not. */
async function taken(
  { counts, send, must, stored }: Bench,
  ticket: Ticket,
  way: Way,
  type: DecisionType,
): Promise<void> {
  counts.cells += 1;
  const answer = { type, ...diffOf(type) };
  const first = await send(way, ticket, answer);
  must(first.result === "taken", `${way}, ${type}, open: told ${first.result}: ${first.text.slice(0, 200)}`);
  const again = await send(way, ticket, answer);
  must(again.result !== "taken", `${way}, ${type}, open: said again, it is taken again`);
  const { decisions } = await stored(ticket.id);
  must(isOnly(decisions, type), `${way}, ${type}, open: the ticket has ${JSON.stringify(decisions)}`);
}

/** One wins, and the other is told. */
async function atOnce({ counts, send, must, stored }: Bench, ticket: Ticket, { one, two, kind }: Pair): Promise<void> {
  counts.pairs += 1;
  const answer = { type: CLOSING[kind] };
  const results = await Promise.all([send(one, ticket, answer), send(two, ticket, answer)]);
  const told = results.map(({ result }) => result).sort();
  const said = results.map(({ text }) => text.slice(-200)).join(" | ");
  must(told.join() === "taken,tooLate", `${one} and ${two} at once: told ${told.join(" and ")}: ${said}`);
  const { decisions } = await stored(ticket.id);
  must(isOnly(decisions, answer.type), `${one} and ${two} at once: the ticket has ${JSON.stringify(decisions)}`);
}

const without = (types: readonly DecisionType[], left: DecisionType | null) => types.filter((type) => type !== left);

/** What an answer could change. */
function isSame(now: Ticket, before: Ticket): boolean {
  return isDeepStrictEqual(answerable(now), answerable(before));
}

const answerable = ({ approval, decisions, state, patch }: Ticket) => ({ approval, decisions, state, patch });

const isOnly = (decisions: Ticket["decisions"], type: DecisionType) =>
  decisions.length === 1 && decisions[0]?.type === type;

const diffOf = (type: DecisionType) => (type === "edit" ? { diff: OTHER_DIFF } : {});

async function untilClosed({ stored }: Bench, id: string): Promise<Ticket> {
  for (;;) {
    const ticket = await stored(id);
    // Its run may still have something to write down.
    if (ticket.closedAt !== null && ticket.closedAt < Date.now() - 500) return ticket;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

function takenCells(size: Size, kind: Kind): [Way, DecisionType][] {
  const all = WAYS.map((way) =>
    ALLOWED[kind].filter((type) => OFFERS[way].includes(type)).map((type) => [way, type] as [Way, DecisionType]),
  );
  if (size === "whole") return all.flat();
  // Between them, the ways try every answer.
  return all.flatMap((cells, index) => cells.slice(index % cells.length).slice(0, 1));
}

interface Pair {
  one: Way;
  two: Way;
  kind: Kind;
}

function pairsOf(size: Size): Pair[] {
  const every = WAYS.flatMap((one, i) =>
    WAYS.slice(i).flatMap((two) => KINDS[size].map((kind) => ({ one, two, kind }))),
  );
  const next = (way: Way) => WAYS[(WAYS.indexOf(way) + 1) % WAYS.length];
  return size === "whole" ? every : every.filter(({ one, two, kind }) => kind === "escalate" && two === next(one));
}
