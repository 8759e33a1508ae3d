/** What an update of the ticket book costs with 1, 100 and 10,000 tickets in it. `tsx bench/ticketBook.ts` */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { monitorEventLoopDelay, performance } from "node:perf_hooks";
import { openDatabase } from "../src/store/sqlite/database.ts";
import { createTicketBook } from "../src/store/ticketBook.ts";
import { buildTicketAwaitingApproval } from "../test/helpers/ticketBuilder.ts";

const UPDATES = 3000;

for (const size of [1, 100, 10_000]) {
  const dir = mkdtempSync(join(tmpdir(), "bench-book-"));
  const file = join(dir, "tickets.json");
  const db = openDatabase(join(dir, "selfheal.sqlite"));
  const made = await createTicketBook(file, db);
  const tickets = await Promise.all(Array.from({ length: size }, () => made.open(buildTicketAwaitingApproval())));
  await made.close();
  const startedAt = performance.now();
  const book = await createTicketBook(file, db);
  const opening = performance.now() - startedAt;
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  const times: number[] = [];
  for (let n = 0; n < UPDATES; n += 1) {
    const { id, issueIds } = tickets[(n * 7919) % size] ?? buildTicketAwaitingApproval();
    const at = performance.now();
    await book.update(id, () => ({ tokens: n }));
    await book.list({ issueId: issueIds[0] ?? "" });
    times.push(performance.now() - at);
  }
  delay.disable();
  times.sort((a, b) => a - b);
  const at = (share: number) => (times[Math.floor(times.length * share)] ?? 0).toFixed(2);
  console.log(
    `${size} tickets: update median ${at(0.5)} ms, 99 % ${at(0.99)} ms, longest ${at(1 - 1e-9)} ms; ` +
      `opening ${opening.toFixed(0)} ms; longest block ${(delay.max / 1e6).toFixed(0)} ms`,
  );
  await book.close();
  db.close();
  rmSync(dir, { recursive: true });
}
