/** What the first page and the status cost with 1, 100 and 10,000 tickets in the book. `tsx bench/overview.ts` */
import { performance } from "node:perf_hooks";
import { readStatus } from "../src/dashboard/systemStatus.ts";
import { makeDashboardHome } from "../test/helpers/dashboardHome.ts";
import { signIn } from "../test/helpers/dashboardSession.ts";
import { buildEvent } from "../test/helpers/eventBuilder.ts";
import { buildTicketAwaitingApproval } from "../test/helpers/ticketBuilder.ts";

const TIMES = 30;

async function median(job: () => Promise<unknown>): Promise<string> {
  const times: number[] = [];
  for (let n = 0; n < TIMES; n += 1) {
    const at = performance.now();
    await job();
    times.push(performance.now() - at);
  }
  return (times.sort((a, b) => a - b)[TIMES >> 1] ?? 0).toFixed(2);
}

for (const size of [1, 100, 10_000]) {
  const home = await makeDashboardHome();
  const { stores } = home;
  const opening = Array.from({ length: size }, async (_, n) => {
    const event = buildEvent();
    const { issue } = await stores.issues.digest(event, { algorithm: 1, family: `f${n}`, strict: "s", why: "a bench" });
    const closed = n < 3 ? {} : ({ state: "healed", approval: null, closedAt: 1 } as const);
    await stores.tickets.open(buildTicketAwaitingApproval({ ...closed, issueIds: [issue.id] }));
  });
  await Promise.all(opening);
  const session = await signIn(home);
  const status = { ...stores, status: () => ({}) as never, paused: async () => null };
  const breaker = { state: async () => ({ open: false, rollbacks: 0 }), close: async () => undefined };
  const page = await median(async () => (await session.page("/")).text());
  console.log(
    `${size} tickets: overview ${page} ms, status ${await median(() => readStatus({ ...status, breaker }))} ms`,
  );
  await home.remove();
}
