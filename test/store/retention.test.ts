import { existsSync, readdirSync, readFileSync, utimesSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { ticketLease } from "../../src/domain/lease.ts";
import { attentionReasonOf } from "../../src/ingest/digest/attentionReason.ts";
import { testSystem, tinyCrash } from "../helpers/system.ts";

const DAY = 86_400_000;

it("leaves an open ticket alone, and takes a closed one away a step at a time: thread, events, ticket, blobs", async () => {
  const t = await testSystem({ config: { autonomy: "supervised" } });
  const id = await t.crash(tinyCrash());
  const { stores, retention } = t.system;
  for (const batch of await stores.batches.unstarted()) await stores.batches.markStarted(batch.id);
  t.clock.advance(200 * DAY);
  expect(await retention.run()).toMatchObject({ tickets: 0, threads: 0, events: 0 });
  const patchDigest = (await t.ticket(id)).patch?.digest ?? "";
  await t.answer(id, { type: "reject", by: "mia", message: "no", patchDigest });
  const { closedAt, issueIds } = await t.ticket(id);
  expect(closedAt).toBe(t.clock.now());
  const tree = join(t.system.config.dataDir, "work", id);
  expect(await retention.run({ dryRun: true })).toMatchObject({ trees: 0, events: 1 });
  expect(await retention.run()).toMatchObject({ trees: 0, events: 1 });
  expect(existsSync(tree)).toBe(true);

  t.clock.advance(DAY + 1);
  const { lease } = await stores.leases.take(ticketLease(id), "somebody", DAY);
  expect([(await retention.run({ dryRun: true })).trees, (await retention.run()).trees]).toEqual([1, 0]);
  await stores.leases.release(lease.name, lease.token);
  expect([(await retention.run()).trees, existsSync(tree)]).toEqual([1, false]);

  t.clock.advance(15 * DAY);
  expect(await retention.run({ dryRun: true })).toMatchObject({ dryRun: true, tickets: 0, threads: 1, trees: 0 });
  expect(await retention.run()).toMatchObject({ tickets: 0, threads: 1, trees: 0 });
  expect((await t.system.graph.getState({ configurable: { thread_id: id } })).next).toEqual([]);
  expect(await stores.blobs.get(patchDigest)).not.toBeNull();

  t.clock.advance(90 * DAY);
  expect(await retention.run({ dryRun: true })).toMatchObject({ tickets: 1 });
  age(join(t.system.config.dataDir, "blobs"), t.clock.now() / 1000 - 3 * 86_400);
  const report = await retention.run();
  expect(report).toMatchObject({ tickets: 1, commits: 1, trees: 0 });
  expect(report.blobs).toBeGreaterThan(0);
  expect([await stores.tickets.get(id), await stores.blobs.get(patchDigest)]).toEqual([null, null]);
  const dir = join(t.system.config.dataDir, "archive");
  const [file = ""] = readdirSync(dir);
  const [line = ""] = readFileSync(join(dir, file), "utf8").split("\n");
  expect(JSON.parse(line)).toMatchObject({ ticket: { id, state: "rejected", patch: { digest: patchDigest } } });
  expect((await t.audit(id)).at(-1)).toBe("ticket.archived");
  expect(await stores.audit.verify()).toMatchObject({ kind: "ok" });
  expect(await retention.run()).toMatchObject({ tickets: 0, threads: 0, events: 0, blobs: 0 });

  // The Issue still names the ticket, and opens a new one when it happens again.
  const issue = await stores.issues.get(issueIds[0] ?? "");
  expect(issue?.ticketId).toBe(id);
  expect(attentionReasonOf(2, "archived", t.clock.now())).toBe("regression");
});

/** As if every file had been written long ago. */
function age(dir: string, seconds: number): void {
  for (const entry of readdirSync(dir, { withFileTypes: true, recursive: true })) {
    if (entry.isFile()) utimesSync(join(entry.parentPath, entry.name), seconds, seconds);
  }
}
