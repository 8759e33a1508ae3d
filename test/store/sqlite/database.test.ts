import { join } from "node:path";
import Database from "better-sqlite3";
import { describe, expect, it, onTestFinished } from "vitest";
import { type EmbeddedDatabase, openDatabase } from "../../../src/store/sqlite/database.ts";
import { migrate } from "../../../src/store/sqlite/migrations.ts";
import { createSettings } from "../../../src/store/sqlite/settings.ts";
import { openSqlite } from "../../../src/store/sqlite/sqlite.ts";
import { tempFolder } from "../../helpers/tempFolder.ts";

function open(file = join(tempFolder(), "db.sqlite")): EmbeddedDatabase {
  const db = openDatabase(file);
  onTestFinished(() => db.close());
  return db;
}

function keys(db: EmbeddedDatabase): unknown[] {
  return db.sqlite.prepare("SELECT key FROM settings ORDER BY key").pluck().all();
}

it("opens files that survive a power loss", () => {
  const { sqlite } = open();
  expect(sqlite.pragma("journal_mode", { simple: true })).toBe("wal");
  expect(sqlite.pragma("synchronous", { simple: true })).toBe(2);
  expect(sqlite.pragma("foreign_keys", { simple: true })).toBe(1);
});

describe("write", () => {
  it("commits what is asked for in one turn together, and resolves after the commit", async () => {
    const db = open();
    const other = new Database(db.sqlite.name);
    onTestFinished(() => void other.close());
    const settings = createSettings(db);
    const changes = () => Number(other.pragma("data_version", { simple: true }));
    const before = changes();
    await Promise.all(["a", "b", "c"].map((key) => settings.set(key, "1")));
    expect(other.prepare("SELECT count(*) FROM settings").pluck().get()).toBe(3);
    // data_version moves once a commit of another connection.
    expect(changes()).toBe(before + 1);
  });

  it("undoes the job that throws, whole, and keeps the others", async () => {
    const db = open();
    const put = db.sqlite.prepare("INSERT INTO settings (key, value) VALUES (?, '')");
    const results = await Promise.allSettled([
      db.write(() => put.run("a").changes),
      db.write(() => {
        put.run("b");
        throw new Error("of the caller's own");
      }),
      db.write(() => {
        put.run("c");
        put.run("a");
      }),
      db.write(() => put.run("d").changes),
    ]);
    expect(results).toMatchObject([
      { status: "fulfilled", value: 1 },
      { status: "rejected", reason: { message: "of the caller's own" } },
      { status: "rejected", reason: { name: "SelfhealError", code: "storage" } },
      { status: "fulfilled", value: 1 },
    ]);
    expect(keys(db)).toEqual(["a", "d"]);
  });

  it("fails everyone and keeps nothing when the disk is full, and goes on when it is not any more", async () => {
    const db = open();
    const settings = createSettings(db);
    await settings.set("before", "1");
    const pages = Number(db.sqlite.pragma("page_count", { simple: true }));
    db.sqlite.pragma(`max_page_count = ${pages}`);
    const results = await Promise.allSettled([
      settings.set("small", "1"),
      settings.set("large", "x".repeat(100_000)),
      settings.set("later", "1"),
    ]);
    for (const result of results) {
      expect(result).toMatchObject({ status: "rejected", reason: { name: "SelfhealError", code: "storage" } });
    }
    expect(keys(db)).toEqual(["before"]);
    db.sqlite.pragma(`max_page_count = ${pages + 1000}`);
    await settings.set("large", "x".repeat(100_000));
    expect(keys(db)).toEqual(["before", "large"]);
  });

  it("commits more than one commit holds, in order", async () => {
    const db = open();
    const order: number[] = [];
    await Promise.all(Array.from({ length: 1234 }, (_, i) => db.write(() => order.push(i))));
    expect(order).toEqual(Array.from({ length: 1234 }, (_, i) => i));
  });

  it("commits what waits when the file is closed, and refuses what comes later", async () => {
    const file = join(tempFolder(), "db.sqlite");
    const db = open(file);
    const settings = createSettings(db);
    const waiting = settings.set("a", "1");
    db.close();
    await waiting;
    await expect(settings.set("b", "1")).rejects.toMatchObject({ code: "storage" });
    expect(keys(open(file))).toEqual(["a"]);
  });
});

describe("migrate", () => {
  it("applies what is missing, once, and undoes a step that fails", () => {
    const sqlite = openSqlite(join(tempFolder(), "db.sqlite"));
    onTestFinished(() => void sqlite.close());
    const steps = ["CREATE TABLE a (x)", "CREATE TABLE b (x)"];
    migrate(sqlite, steps.slice(0, 1));
    migrate(sqlite, steps);
    migrate(sqlite, steps);
    expect(sqlite.pragma("user_version", { simple: true })).toBe(2);
    expect(() => migrate(sqlite, [...steps, "CREATE TABLE c (x); CREATE TABLE a (x)"])).toThrow("already exists");
    expect(sqlite.pragma("user_version", { simple: true })).toBe(2);
    expect(sqlite.prepare("SELECT count(*) FROM sqlite_schema WHERE name = 'c'").pluck().get()).toBe(0);
  });

  it("leaves the file of a newer selfheal alone", () => {
    const file = join(tempFolder(), "db.sqlite");
    const sqlite = openSqlite(file);
    sqlite.pragma("user_version = 99");
    sqlite.close();
    expect(() => openDatabase(file)).toThrow(/schema 99.*newer selfheal/);
  });
});

it("says which file cannot be opened", () => {
  const file = join(tempFolder(), "not there", "db.sqlite");
  expect(() => openDatabase(file)).toThrow(
    expect.objectContaining({ code: "storage", message: expect.stringContaining(file) }),
  );
});
