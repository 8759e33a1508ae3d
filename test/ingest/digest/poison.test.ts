import { expect, onTestFinished, test } from "vitest";
import type { CapturedEvent } from "../../../src/domain/event.ts";
import { balancesOf } from "../../../src/domain/ingestCount.ts";
import { createDigester } from "../../../src/ingest/digest/digest.ts";
import { openEmbeddedStores } from "../../../src/store/embedded.ts";
import { openSqlite } from "../../../src/store/sqlite/sqlite.ts";
import { buildEvent } from "../../helpers/eventBuilder.ts";
import { tempFolder } from "../../helpers/tempFolder.ts";
import { testClock } from "../../helpers/testClock.ts";

const of = (type: string): CapturedEvent => buildEvent({ exception: { type, value: "x", frames: [] } });

async function home(poison: (event: CapturedEvent) => boolean) {
  const dir = tempFolder();
  const clock = testClock();
  const stores = await openEmbeddedStores(dir, clock);
  onTestFinished(() => stores.close());
  const digester = createDigester({
    ...stores,
    issues: {
      ...stores.issues,
      digest: (event, print) =>
        poison(event) ? Promise.reject(new Error("no such thing")) : stores.issues.digest(event, print),
    },
    clock,
    times: { debounceMs: 1, maxWaitMs: 1 },
    ticket: () => Promise.resolve(null),
  });
  return { dir, stores, digester };
}

test("an event that cannot be digested blocks none behind it, and is set aside after three tries, visibly", async () => {
  let isBad = true;
  const { stores, digester } = await home((event) => isBad && event.exception.type === "Bad");
  // More of them than one round reads.
  await stores.spool.append([...Array.from({ length: 250 }, () => of("Bad")), of("Good")]);
  await expect(digester.digestPending()).rejects.toMatchObject({ code: "digest" });
  expect(await stores.issues.list()).toMatchObject([{ count: 1, title: "Good: x" }]);
  await expect(digester.digestPending()).rejects.toThrow("250 events were not digested: no such thing");
  expect(await stores.spool.setAside(10)).toEqual([]);
  await expect(digester.digestPending()).rejects.toMatchObject({ code: "digest" });
  expect(await digester.digestPending()).toBe(0);
  expect(await stores.spool.waiting()).toEqual({ rows: 0, bytes: 0 });
  expect(await stores.spool.setAside(1)).toMatchObject([{ reason: "no such thing" }]);
  expect(balancesOf(await stores.ingestCounts.sums())).toMatchObject([{ received: 251, setAside: 250, thrown: 251 }]);

  isBad = false;
  expect(await stores.spool.retrySetAside()).toBe(250);
  expect((await stores.spool.waiting()).rows).toBe(250);
  expect(await digester.digestPending()).toBe(250);
  expect((await stores.spool.waiting()).bytes).toBe(0);
});

test("a row that cannot even be read is set aside", async () => {
  const { dir, stores, digester } = await home(() => false);
  await stores.spool.append([of("A"), of("B")]);
  const sqlite = openSqlite(`${dir}/selfheal.sqlite`);
  sqlite.prepare("UPDATE events SET payload = '{' WHERE sequence = 1").run();
  sqlite.close();
  expect(await digester.digestPending()).toBe(1);
  expect(await stores.spool.setAside(10)).toMatchObject([{ reason: expect.stringContaining("is not JSON") }]);
});

test("while nothing can be written, nothing is set aside", async () => {
  const { stores, digester } = await home(() => true);
  await stores.spool.append([of("A")]);
  const { failed } = stores.spool;
  stores.spool.failed = () => Promise.reject(new Error("disk full"));
  for (let i = 0; i < 5; i++) await expect(digester.digestPending()).rejects.toThrow("no such thing");
  stores.spool.failed = failed;
  expect(await stores.spool.undigested(10)).toHaveLength(1);
});
