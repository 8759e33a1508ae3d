import type { RegressionTest } from "../../../domain/reproduction.ts";
import type { Ticket } from "../../../domain/ticket.ts";
import { changeTicket } from "../../../tickets/change.ts";
import { regressionTestOf } from "../../../tickets/regressionTestOf.ts";
import type { AgentDeps } from "../../deps.ts";
import { countFailedCallTokens } from "../../prompting/failedCallTokens.ts";
import type { Reproducer, ReproducerInput } from "../contract.ts";

type Deps = Pick<AgentDeps, "tickets" | "blobs" | "clock"> & { reproducer: Reproducer };

interface Found {
  own: RegressionTest | null;
  notes: readonly string[];
  /** Tokens that were spent on the search; already counted on the ticket. */
  tokens: number;
}

/**
 * The ticket's own regression test: that of an earlier Attempt on this base, else one that is found now. A service with
 * a reproduction command needs none. `notes` say what was tried without success.
 */
export async function findRegressionTest(deps: Deps, ticket: Ticket, input: ReproducerInput): Promise<Found> {
  const { workspace, event } = input;
  if (workspace.service.reproduceCommand !== undefined) return { own: null, notes: [], tokens: 0 };
  const known = ticket.reproduction;
  if (known?.baseCommit === workspace.baseCommit && known.eventId === event.id) {
    const own = await regressionTestOf(deps.blobs, known);
    if (own !== null) return { own, notes: [], tokens: 0 };
  }
  // An earlier Attempt of this run searched without success.
  if (known === null && ticket.attempts.at(-1)?.patch?.baseCommit === workspace.baseCommit)
    return { own: null, notes: [], tokens: 0 };
  const found = await countFailedCallTokens(deps, ticket.id, deps.reproducer.find(input));
  const { tokens } = found;
  if (tokens > 0) await changeTicket(deps, ticket.id, (t) => ({ tokens: t.tokens + tokens }));
  if (found.kind === "found") await record(deps, ticket, input, found.test, found.seen);
  else await changeTicket(deps, ticket.id, () => ({ reproduction: null }));
  return found.kind === "found" ? { own: found.test, notes: [], tokens } : { own: null, notes: found.notes, tokens };
}

/**
 * Writes the test into the workspace, and so into the Patch. The test also asserts what the repaired code returns, if
 * known.
 */
export async function keepRegressionTest(
  deps: Deps,
  ticket: Ticket,
  input: ReproducerInput & { test: RegressionTest },
): Promise<RegressionTest> {
  const test = await deps.reproducer.pin(input);
  await input.workspace.write(test.path, test.content);
  const { reproduction } = (await deps.tickets.get(ticket.id)) ?? ticket;
  await record(deps, ticket, input, test, reproduction?.seen ?? "");
  return test;
}

async function record(
  deps: Deps,
  ticket: Ticket,
  { workspace, event }: ReproducerInput,
  test: RegressionTest,
  seen: string,
): Promise<void> {
  const digest = await deps.blobs.put(test.content);
  const recipe = test.recipe === null ? null : await deps.blobs.put(test.recipe);
  const { kind, origin, command, path, title, by } = test;
  await changeTicket(deps, ticket.id, () => ({
    reproduction: {
      kind,
      origin,
      command,
      test: { path, digest, title, recipe },
      baseCommit: workspace.baseCommit,
      seen: seen.slice(0, 500),
      eventId: event.id,
      trustTier: event.trustTier,
      ...(by !== undefined && { by }),
    },
  }));
}
