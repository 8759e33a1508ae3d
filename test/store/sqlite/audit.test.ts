import { readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { createAuditLog, verifyAuditIn } from "../../../src/store/sqlite/audit.ts";
import { type EmbeddedDatabase, openDatabase } from "../../../src/store/sqlite/database.ts";
import { tempFolder } from "../../helpers/tempFolder.ts";
import { testClock } from "../../helpers/testClock.ts";

async function logOfFive(): Promise<EmbeddedDatabase> {
  const db = openDatabase(join(tempFolder(), "db.sqlite"));
  onTestFinished(() => db.close());
  const audit = createAuditLog(db, testClock());
  for (let n = 1; n <= 5; n += 1) await audit.append({ kind: "ticket.opened", actor: "rules", facts: { n } });
  return db;
}

it.each([
  "UPDATE audit SET hash = 'x' WHERE sequence = 2",
  "DELETE FROM audit",
  "REPLACE INTO audit (sequence, json, hash) VALUES (2, '{}', 'x')",
])("refuses %s", async (sql) => {
  const db = await logOfFive();
  expect(() => db.sqlite.exec(sql)).toThrow("append-only");
  expect(await createAuditLog(db, testClock()).verify()).toMatchObject({ kind: "ok", entries: 5 });
});

describe("verify, when somebody took the triggers away,", () => {
  it.each([
    ["a changed entry", "UPDATE audit SET json = replace(json, '\"n\":3', '\"n\":4') WHERE sequence = 3", 3],
    ["a missing entry", "DELETE FROM audit WHERE sequence = 2", 2],
    ["a missing start", "DELETE FROM audit WHERE sequence = 1", 1],
    ["an exchanged hash", "UPDATE audit SET hash = 'x' WHERE sequence = 4", 4],
    ["an unreadable entry", "UPDATE audit SET json = '[]' WHERE sequence = 5", 5],
  ])("finds %s", async (_, sql, sequence) => {
    const db = await logOfFive();
    db.sqlite.exec(`DROP TRIGGER audit_no_update; DROP TRIGGER audit_no_delete; DROP TRIGGER audit_at_the_end; ${sql}`);
    expect(await createAuditLog(db, testClock()).verify()).toMatchObject({ kind: "broken", sequence });
  });

  it("finds an entry that was changed together with its own hash, by the one after it", async () => {
    const db = await logOfFive();
    const forged = createAuditLog(db, testClock(1));
    db.sqlite.exec("DROP TRIGGER audit_no_update; DROP TRIGGER audit_no_delete; DROP TRIGGER audit_at_the_end");
    const entries = (await forged.list()).toReversed();
    db.sqlite.exec("DELETE FROM audit WHERE sequence > 1");
    await forged.append({ kind: "ticket.opened", actor: "mallory" });
    const rest = db.sqlite.prepare("INSERT INTO audit (sequence, json, hash) VALUES (?, ?, ?)");
    for (const { hash, ...content } of entries.slice(2)) rest.run(content.sequence, JSON.stringify(content), hash);
    expect(await createAuditLog(db, testClock()).verify()).toMatchObject({ kind: "broken", sequence: 3 });
  });
});

describe("verifyAuditIn", () => {
  it("walks the log of a data folder that is in use", async () => {
    const dir = tempFolder();
    const db = openDatabase(join(dir, "selfheal.sqlite"));
    onTestFinished(() => db.close());
    const entry = await createAuditLog(db, testClock()).append({ kind: "ticket.opened", actor: "rules" });
    expect(await verifyAuditIn(dir)).toEqual({ kind: "ok", entries: 1, head: entry.hash });
    expect(await verifyAuditIn(dir, "e".repeat(64))).toMatchObject({ kind: "broken", sequence: 2 });
  });

  it("says that a folder has no log, and makes none", async () => {
    const dir = tempFolder();
    await expect(verifyAuditIn(dir)).rejects.toMatchObject({ code: "storage" });
    expect(readdirSync(dir)).toEqual([]);
  });
});
