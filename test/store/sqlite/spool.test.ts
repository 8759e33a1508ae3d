import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { expect, it } from "vitest";
import type { CapturedEvent } from "../../../src/domain/event.ts";
import { digestOf } from "../../../src/domain/patch.ts";
import { openDatabase } from "../../../src/store/sqlite/database.ts";
import { createIssueStore } from "../../../src/store/sqlite/issues.ts";
import { createEventSpool } from "../../../src/store/sqlite/spool.ts";
import { buildEvent } from "../../helpers/eventBuilder.ts";

const FINGERPRINT = { algorithm: 1, family: "f", strict: "s", why: "" };

function eventOf(n: number): CapturedEvent {
  return buildEvent({ id: digestOf(String(n)).slice(0, 32), receivedAt: n });
}

/** Turns of appends at the same time (some with a bad Event), digests, and openings after a stop. */
const turns = fc.array(
  fc.record({
    appends: fc.array(fc.record({ events: fc.array(fc.nat(30), { maxLength: 4 }), bad: fc.boolean() }), {
      maxLength: 4,
    }),
    digest: fc.nat(5),
    reopen: fc.boolean(),
  }),
  { maxLength: 8 },
);

it("has every acknowledged Event once, through bad ones, repeats, digests and restarts", async () => {
  await fc.assert(
    fc.asyncProperty(turns, async (script) => {
      const dir = mkdtempSync(join(tmpdir(), "selfheal-spool-"));
      const open = () => {
        const db = openDatabase(join(dir, "db.sqlite"));
        return { db, spool: createEventSpool(db), issues: createIssueStore(db) };
      };
      let stores = open();
      const acked = new Set<number>();
      const digested = new Set<number>();
      try {
        for (const { appends, digest, reopen } of script) {
          const { spool, issues } = stores;
          await Promise.all(
            appends.map(async ({ events, bad }) => {
              const batch = [...events.map(eventOf), ...(bad ? [{ ...eventOf(0), project: "" }] : [])];
              const ack = await spool.append(batch).then(
                () => true,
                () => false,
              );
              expect(ack).toBe(!bad);
              if (ack) for (const n of events) acked.add(n);
            }),
          );
          for (const event of await spool.undigested(digest)) {
            await issues.digest(event, FINGERPRINT);
            digested.add(event.receivedAt);
          }
          if (reopen) {
            stores.db.close();
            stores = open();
          }
          const left = await stores.spool.undigested(1000);
          expect(new Set(left.map((e) => e.receivedAt))).toEqual(new Set([...acked].filter((n) => !digested.has(n))));
          expect(await stores.spool.depth()).toBe(left.length);
          const [issue] = await stores.issues.list();
          expect(issue?.count ?? 0).toBe(digested.size);
          expect(issue ? await stores.issues.countSince(issue.id, 0) : 0).toBe(digested.size);
        }
      } finally {
        stores.db.close();
        rmSync(dir, { recursive: true });
      }
    }),
    { numRuns: 25 },
  );
});
