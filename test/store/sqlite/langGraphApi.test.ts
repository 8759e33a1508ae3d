import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Ops, Store } from "@langchain/langgraph-api/storage";
import { beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { type EmbeddedDatabase, openDatabase } from "../../../src/store/sqlite/database.ts";
import { type ApiPersistence, createApiPersistence } from "../../../src/store/sqlite/langGraphApi/persistence.ts";
import { tempFolder } from "../../helpers/tempFolder.ts";

const ASSISTANT = "6ba7b821-9dad-41d1-80b4-00c04fd430c8";
const THREAD = "7ba7b821-9dad-41d1-80b4-00c04fd430c8";

/** The server's own operations: what really reads and writes the store. The package does not export them. */
let FileSystemOps: new (conn: ApiPersistence) => Ops;

beforeAll(async () => {
  const server = pathToFileURL(createRequire(import.meta.url).resolve("@langchain/langgraph-api/server"));
  ({ FileSystemOps } = await import(new URL("./storage/ops.mjs", server).href));
});

interface Opened {
  db: EmbeddedDatabase;
  persistence: ApiPersistence;
  ops: Ops;
  /** As after a restart. */
  reopen(): Opened;
}

function open(file = join(tempFolder(), "db.sqlite")): Opened {
  const db = openDatabase(file);
  onTestFinished(() => db.close());
  const persistence = createApiPersistence(db);
  const reopen = () => {
    db.close();
    return open(file);
  };
  return { db, persistence, ops: new FileSystemOps(persistence), reopen };
}

/** What a restart at this moment would find. */
function onDisk(db: EmbeddedDatabase): Store {
  const other = openDatabase(db.sqlite.name);
  const ending = other.sqlite;
  // Its ending of running runs is not what is looked at: it happens in a transaction that is undone.
  ending.exec("BEGIN");
  try {
    ending.exec('UPDATE api_entries SET json = replace(json, \'"status":"running"\', \'"status":"RUNNING"\')');
    return createApiPersistence(other).data;
  } finally {
    ending.exec("ROLLBACK");
    other.close();
  }
}

function comparable(data: Store): string {
  const threads = Object.fromEntries(Object.entries(data.threads).map(([id, { values: _, ...rest }]) => [id, rest]));
  return JSON.stringify({ ...data, threads }, null, 1).replaceAll("RUNNING", "running");
}

async function startRun(ops: Ops, runId: string, threadId = THREAD, more: object = {}): Promise<void> {
  const kwargs = {
    input: { entry: "batch", batchId: "b" },
    config: { configurable: { a: [1, { b: null }] } },
    ...more,
  };
  await ops.runs.put(
    runId,
    ASSISTANT,
    kwargs,
    { threadId, ifNotExists: "create", multitaskStrategy: "enqueue" },
    undefined,
  );
}

async function assistant(ops: Ops): Promise<void> {
  await ops.assistants.put(
    ASSISTANT,
    { graph_id: "selfheal", config: {}, context: {}, if_exists: "do_nothing", name: "selfheal" },
    undefined,
  );
}

describe("after each call of the server, what is on disk is what is in memory", () => {
  it("through the life of assistants, threads and runs", async () => {
    const { db, ops, persistence } = open();
    const steps: [string, () => Promise<unknown>][] = [
      ["make an assistant", () => assistant(ops)],
      ["change it", () => ops.assistants.patch(ASSISTANT, { name: "new", metadata: { a: 1 } }, undefined)],
      ["back to its first version", () => ops.assistants.setLatest(ASSISTANT, 1, undefined)],
      ["make a thread", () => ops.threads.put(THREAD, { metadata: { ticket: "t" }, if_exists: "raise" }, undefined)],
      ["change it", () => ops.threads.patch(THREAD, { metadata: { more: true } }, undefined)],
      ["start a run", () => startRun(ops, "run-1")],
      ["start one on another thread", () => startRun(ops, "run-2", "other")],
      ["end it", () => ops.runs.setStatus("run-1", "success")],
      [
        "come to a question",
        () =>
          ops.threads.setStatus(THREAD, {
            checkpoint: {
              values: { large: "x".repeat(10_000) },
              next: ["approval"],
              metadata: { source: "loop", step: 1, parents: {} },
              tasks: [{ id: "task", name: "approval", interrupts: { 0: { id: "i", value: { question: "?" } } } }],
            },
          }),
      ],
      ["fail", () => ops.threads.setStatus("other", { exception: new Error("no") })],
      ["delete a run", () => ops.runs.delete("run-2", "other", undefined)],
      ["delete a thread and its runs", () => ops.threads.delete(THREAD, undefined)],
      ["delete the assistant", () => ops.assistants.delete(ASSISTANT, false, undefined)],
      ["truncate", () => ops.truncate({ runs: true, threads: true }) as unknown as Promise<void>],
    ];
    for (const [what, act] of steps) {
      await act();
      expect(comparable(onDisk(db)), what).toBe(comparable(persistence.data));
    }
    expect(persistence.data.threads).toEqual({});
  });

  it("and a run that is handed out is on disk as running before it is worked on", async () => {
    const { db, ops, persistence } = open();
    await assistant(ops);
    await startRun(ops, "run-1");
    await expect.poll(() => Object.values(persistence.data.runs).every((r) => r.created_at < new Date())).toBe(true);
    for await (const { run, attempt } of ops.runs.next()) {
      expect([run.run_id, attempt]).toEqual(["run-1", 1]);
      expect(comparable(onDisk(db))).toBe(comparable(persistence.data));
      expect(comparable(onDisk(db))).toContain('"status": "running"');
      await ops.runs.setStatus(run.run_id, "success");
    }
    expect(onDisk(db).runs["run-1"]?.status).toBe("success");
  });

  it("and a thread whose run ended, and that was not told before the process ended, is named at the next start", async () => {
    const first = open();
    await assistant(first.ops);
    await startRun(first.ops, "run-1");
    await startRun(first.ops, "run-2", "waits");
    await first.ops.runs.setStatus("run-1", "success");
    expect(first.persistence.data.threads[THREAD]?.status).toBe("busy");
    const second = first.reopen();
    expect(second.persistence.unsettled).toEqual([THREAD]);
    await second.ops.threads.setStatus(THREAD, {});
    expect(second.reopen().persistence.unsettled).toEqual([]);
  });

  it("and a call that throws half-way leaves both the same", async () => {
    const { db, persistence } = open();
    const call = persistence.with((data) => {
      data.retry_counter.a = 1;
      throw new Error("half-way");
    });
    await expect(call).rejects.toThrow("half-way");
    expect(onDisk(db).retry_counter).toEqual({ a: 1 });
  });
});

it("brings everything back as it was: dates as dates, order, all but a thread's derivable values", async () => {
  const { ops, persistence, reopen } = open();
  await assistant(ops);
  for (const n of [3, 1, 2]) await startRun(ops, `run-${n}`, THREAD, { command: { resume: { decisions: [n] } } });
  await ops.runs.setStatus("run-3", "success");
  const values = { ticketId: "t" };
  const checkpoint = { values, next: [], metadata: { source: "loop", step: 1, parents: {} } as const, tasks: [] };
  await ops.threads.setStatus(THREAD, { checkpoint });
  expect(persistence.data.threads[THREAD]?.values).toEqual(values);
  const again = reopen();
  const { values: _, ...thread } = persistence.data.threads[THREAD] ?? {};
  expect(again.persistence.data).toEqual({ ...persistence.data, threads: { [THREAD]: thread } });
  expect(again.persistence.data.runs["run-1"]?.created_at).toBeInstanceOf(Date);
  expect((await again.ops.runs.search(THREAD, {}, undefined)).map((r) => r.run_id)).toEqual([
    "run-3",
    "run-1",
    "run-2",
  ]);
  expect((await again.ops.assistants.get(ASSISTANT, undefined)).name).toBe("selfheal");
});

describe("runs that were under way when the process ended", () => {
  async function left() {
    const opened = open();
    await assistant(opened.ops);
    await startRun(opened.ops, "run-1");
    await startRun(opened.ops, "run-2", "other");
    await opened.ops.runs.setStatus("run-1", "running");
    return opened;
  }

  it("are ended, named with what they were asked for, and block nothing", async () => {
    const { persistence, ops } = (await left()).reopen();
    expect(persistence.cutOff).toEqual([
      { runId: "run-1", threadId: THREAD, input: { entry: "batch", batchId: "b" }, command: undefined },
    ]);
    expect(persistence.data.runs["run-1"]?.status).toBe("error");
    expect(persistence.data.threads[THREAD]?.status).toBe("error");
    expect(persistence.data.runs["run-2"]?.status).toBe("pending");
    await startRun(ops, "run-3");
    const worked: string[] = [];
    await expect
      .poll(async () => {
        for await (const { run } of ops.runs.next()) worked.push(run.run_id);
        return worked;
      })
      .toEqual(["run-2", "run-3"]);
  });

  it("are named again after another crash, until their thread goes on", async () => {
    const second = (await left()).reopen();
    const third = second.reopen();
    expect(third.persistence.cutOff.map((r) => r.runId)).toEqual(["run-1"]);
    await startRun(third.ops, "run-3");
    expect(third.reopen().persistence.cutOff).toEqual([]);
  });

  it("are named again when the run that went on was cut off too", async () => {
    const second = (await left()).reopen();
    await startRun(second.ops, "run-3");
    await second.ops.runs.setStatus("run-3", "running");
    expect(second.reopen().persistence.cutOff.map((r) => r.runId)).toEqual(["run-3"]);
  });
});

it("fails the call when the disk is full, and catches up with the next that works", async () => {
  const { db, persistence } = open();
  const pages = Number(db.sqlite.pragma("page_count", { simple: true }));
  db.sqlite.pragma(`max_page_count = ${pages}`);
  const big = "x".repeat(100_000);
  const call = persistence.with((data) => void Object.assign(data.retry_counter, { [big]: 1 }));
  await expect(call).rejects.toMatchObject({ name: "SelfhealError", code: "storage" });
  expect(onDisk(db).retry_counter).toEqual({});
  db.sqlite.pragma(`max_page_count = ${pages + 1000}`);
  await persistence.with(() => undefined);
  expect(onDisk(db).retry_counter).toEqual({ [big]: 1 });
});

it("takes a generator as it is, and lets one be left early", async () => {
  const { persistence } = open();
  const items: number[] = [];
  let ended = false;
  async function* count() {
    try {
      for (let n = 0; ; n += 1) yield n;
    } finally {
      ended = true;
    }
  }
  for await (const n of persistence.withGenerator(count())) {
    items.push(n);
    if (n === 2) break;
  }
  expect(items).toEqual([0, 1, 2]);
  expect(ended).toBe(true);
});
