import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { expect, it } from "vitest";
import { digestOf } from "../../src/domain/patch.ts";
import { openEmbeddedStores } from "../../src/store/embedded.ts";
import { programArgs } from "../helpers/program.ts";
import { tempFolder } from "../helpers/tempFolder.ts";
import { testClock } from "../helpers/testClock.ts";

/** Lets a writer run until it acknowledged so many, kills it, and returns what it acknowledged. */
async function killAfter(dir: string, count: number): Promise<number[]> {
  const child: ChildProcess = spawn(process.execPath, [...(await programArgs("test/store/children/writer.ts")), dir], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const closed = once(child, "close");
  const acked: number[] = [];
  if (child.stdout === null) throw new Error("no stdout");
  for await (const line of createInterface(child.stdout)) {
    acked.push(Number(line));
    if (acked.length === count) child.kill("SIGKILL");
  }
  expect(await closed).toEqual([null, "SIGKILL"]);
  return acked;
}

it.each([1, 7, 60])("has everything that was acknowledged before a kill -9 after %i", async (count) => {
  const dir = join(tempFolder(), "data");
  const acked = await killAfter(dir, count);
  expect(acked.length).toBeGreaterThanOrEqual(count);
  const stores = await openEmbeddedStores(dir, testClock());
  try {
    const stored = new Set((await stores.spool.undigested(100_000)).map((event) => event.id));
    const audited = new Set((await stores.audit.list()).map((entry) => entry.ticketId));
    const [ticket] = await stores.tickets.list();
    for (const n of acked) {
      expect(stored).toContain(digestOf(String(n)).slice(0, 32));
      expect(audited).toContain(String(n));
      expect(await stores.blobs.get(digestOf(`blob ${n}`))).toBe(`blob ${n}`);
      expect(stores.apiPersistence.data.retry_counter[String(n)]).toBe(n);
    }
    expect(ticket?.tokens).toBeGreaterThanOrEqual(Math.max(...acked));
    expect(await stores.audit.verify()).toMatchObject({ kind: "ok" });
  } finally {
    await stores.close();
  }
});
