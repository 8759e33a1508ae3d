import { execFileSync } from "node:child_process";
import { mkdirSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { SqliteSaver } from "@langchain/langgraph-checkpoint-sqlite";
import { expect, it } from "vitest";
import { openEmbeddedStores } from "../../src/store/embedded.ts";
import { buildEvent } from "../helpers/eventBuilder.ts";
import { tempFolder } from "../helpers/tempFolder.ts";
import { testClock } from "../helpers/testClock.ts";

it("makes its folder, for its owner only", async () => {
  const dir = join(tempFolder(), "a", "data");
  const stores = await openEmbeddedStores(dir, testClock());
  await stores.close();
  expect(statSync(dir).mode & 0o777).toBe(0o700);
});

it("lets one in at a time, in this process or another, and the next one after it", async () => {
  const dir = tempFolder();
  const stores = await openEmbeddedStores(dir, testClock());
  await expect(openEmbeddedStores(dir, testClock())).rejects.toMatchObject({ code: "dataFolderInUse" });
  const module = JSON.stringify(new URL("../../src/store/embedded.ts", import.meta.url).href);
  const other = `import(${module}).then((m) => m.openEmbeddedStores(${JSON.stringify(dir)}, { now: () => 0 })).catch((e) => console.log(e.code))`;
  expect(execFileSync(process.execPath, ["--import", "tsx", "-e", other], { encoding: "utf8" })).toBe(
    "dataFolderInUse\n",
  );
  await stores.close();
  await (await openEmbeddedStores(dir, testClock())).close();
});

it("lets go of everything when one store cannot be opened", async () => {
  const dir = tempFolder();
  const tickets = join(dir, "tickets.json");
  writeFileSync(tickets, "no json");
  await expect(openEmbeddedStores(dir, testClock())).rejects.toMatchObject({ code: "storage" });
  writeFileSync(tickets, '{"version":1,"tickets":{}}');
  await (await openEmbeddedStores(dir, testClock())).close();
});

it("says when the folder cannot be made", async () => {
  const file = join(tempFolder(), "file");
  writeFileSync(file, "");
  await expect(openEmbeddedStores(join(file, "data"), testClock())).rejects.toMatchObject({ code: "storage" });
  mkdirSync(join(file, "..", "blocked", "selfheal.sqlite"), { recursive: true });
  await expect(openEmbeddedStores(join(file, "..", "blocked"), testClock())).rejects.toMatchObject({ code: "storage" });
});

it("gives LangGraph's saver a file that stays durable once the saver has set it up", async () => {
  const stores = await openEmbeddedStores(tempFolder(), testClock());
  await new SqliteSaver(stores.checkpoints).getTuple({ configurable: { thread_id: "t" } });
  expect(stores.checkpoints.pragma("synchronous", { simple: true })).toBe(2);
  expect(stores.checkpoints.pragma("journal_mode", { simple: true })).toBe("wal");
  await stores.close();
});

it("keeps no page for every event of a storm", async () => {
  const dir = tempFolder();
  const stores = await openEmbeddedStores(dir, testClock());
  const print = { algorithm: 2, family: "storm", strict: "s", why: "one bug" };
  for (let round = 0; round < 15; round += 1) {
    const events = Array.from({ length: 20 }, () => buildEvent({ extra: { dump: "x".repeat(3000) } }));
    await stores.spool.append(events);
    await Promise.all(events.map((event) => stores.issues.digest(event, print)));
  }
  await stores.close();
  // 300 pages would be 1.2 MB on top of an empty database.
  expect(statSync(join(dir, "selfheal.sqlite")).size).toBeLessThan(900_000);
});
