import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import type { Ticket } from "../../src/domain/ticket.ts";
import { type EmbeddedDatabase, openDatabase } from "../../src/store/sqlite/database.ts";
import { createTicketBook } from "../../src/store/ticketBook.ts";
import { eventually } from "../helpers/patience.ts";
import { tempFolder } from "../helpers/tempFolder.ts";
import { buildTicket } from "../helpers/ticketBuilder.ts";

function newFile(): string {
  return join(tempFolder(), "tickets.json");
}

const logOf = (file: string) => file.replace(".json", ".log");
const read = (file: string): Record<string, Ticket> => JSON.parse(readFileSync(file, "utf8")).tickets;

/** The book over its file and a database beside it, as the process has it. */
async function openBook(file: string) {
  const db = openDatabase(file.replace(".json", ".sqlite"));
  onTestFinished(() => db.close());
  return { db, book: await createTicketBook(file, db) };
}

/** Changes that the file does not hold yet. */
const rows = (db: EmbeddedDatabase) =>
  db.sqlite.prepare<[], number>("SELECT count(*) FROM ticket_changes").pluck().get();

it("writes a file that people can read and compare", async () => {
  const file = newFile();
  const { book } = await openBook(file);
  const a = await book.open(buildTicket({ reason: "line\nbreak" }));
  const b = await book.open(buildTicket());
  await book.close();
  const before = readFileSync(file, "utf8");
  expect(before).toBe(`${JSON.stringify({ version: 1, tickets: { [a.id]: a, [b.id]: b } }, null, 2)}\n`);
  const again = await openBook(file);
  await again.book.update(a.id, () => ({ state: "planning" }));
  await again.book.close();
  const lines = before.split("\n");
  const changed = readFileSync(file, "utf8")
    .split("\n")
    .filter((line, i) => line !== lines[i]);
  expect(changed).toEqual(['      "state": "planning",']);
  expect(readdirSync(join(file, "..")).filter((name) => !name.includes("sqlite"))).toEqual(["tickets.json"]);
});

it("writes the file of a small book a second after the first change that is not in it, without being asked", async () => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  onTestFinished(() => void vi.useRealTimers());
  const file = newFile();
  const { db, book } = await openBook(file);
  const { id } = await book.open(buildTicket());
  await book.update(id, () => ({ tokens: 1 }));
  expect([existsSync(file), rows(db)]).toEqual([false, 2]);
  vi.advanceTimersByTime(1000);
  vi.useRealTimers();
  await eventually(() => expect(rows(db)).toBe(0));
  expect(read(file)[id]).toMatchObject({ tokens: 1 });
});

it("writes nothing for no change", async () => {
  const { db, book } = await openBook(newFile());
  const tickets = await Promise.all(Array.from({ length: 300 }, () => book.open(buildTicket())));
  expect([await book.list(), rows(db)]).toMatchObject([{ length: 300 }, 300]);
  await Promise.all(tickets.map((ticket) => book.open(ticket)));
  expect(rows(db)).toBe(300);
});

it("keeps the old book, in memory and on disk, when a change cannot be written", async () => {
  const file = newFile();
  const { db, book } = await openBook(file);
  const ticket = await book.open(buildTicket());
  db.sqlite.pragma("query_only = ON"); // in the way of every write
  const results = await Promise.allSettled([
    book.update(ticket.id, () => ({ state: "planning" })),
    book.open(buildTicket()),
  ]);
  for (const result of results) expect(result).toMatchObject({ status: "rejected", reason: { code: "storage" } });
  expect(await book.list()).toEqual([ticket]);
  db.sqlite.pragma("query_only = OFF");
  const updated = await book.update(ticket.id, () => ({ state: "coding" }));
  db.close();
  expect(await (await openBook(file)).book.list()).toEqual([updated]);
});

it("goes on without its file where that cannot be written, and makes up for it", async () => {
  const file = newFile();
  const { db, book } = await openBook(file);
  mkdirSync(`${file}.tmp`); // in the way of every write
  const ticket = await book.open(buildTicket());
  await book.close();
  db.close();
  expect(existsSync(file)).toBe(false);
  rmSync(`${file}.tmp`, { recursive: true });
  expect(await (await openBook(file)).book.list()).toEqual([ticket]);
  expect(read(file)).toEqual({ [ticket.id]: ticket });
});

it("shares its commit with what else is written in the same turn, in the order of the asking", async () => {
  const { db, book } = await openBook(newFile());
  const { id } = await book.open(buildTicket());
  const seen: unknown[] = [];
  const look = () => void seen.push(db.sqlite.inTransaction, rows(db));
  await Promise.all([db.write(look), book.update(id, () => ({ tokens: 1 })), db.write(look)]);
  expect(seen).toEqual([true, 1, true, 2]);
});

describe("after a crash", () => {
  const many = () => Array.from({ length: 150 }, () => buildTicket());
  const large = async (file: string) => {
    const { db, book } = await openBook(file);
    const tickets = await Promise.all(many().map((ticket) => book.open(ticket)));
    return { db, book, tickets, first: tickets[0] as Ticket };
  };

  it("has what changed, and writes the file anew", async () => {
    const file = newFile();
    const { db, book, tickets, first } = await large(file);
    const updated = await book.update(first.id, () => ({ state: "planning" }));
    const [gone] = await book.remove([tickets[1]?.id ?? "", "unknown"], () => true);
    expect([gone, rows(db)]).toEqual([tickets[1], 152]);
    db.close();
    const after = await openBook(file);
    expect(await after.book.list()).toEqual([...tickets.slice(2).toReversed(), updated]);
    expect([Object.keys(read(file)).length, rows(after.db)]).toEqual([149, 0]);
  });

  it("between the file and the rows that it holds by then, has them once", async () => {
    const file = newFile();
    const { db, book, first } = await large(file);
    await book.update(first.id, () => ({ state: "planning" }));
    const kept = db.sqlite.serialize();
    await book.close();
    db.close();
    for (const name of ["-wal", "-shm", ""]) rmSync(file.replace(".json", `.sqlite${name}`), { force: true });
    writeFileSync(file.replace(".json", ".sqlite"), kept);
    const after = await openBook(file);
    expect(await after.book.list()).toHaveLength(150);
    expect(await after.book.get(first.id)).toMatchObject({ state: "planning" });
  });

  it("folds the rows into the file when they are many, and loses no change that comes meanwhile", async () => {
    const file = newFile();
    const { db, book, first } = await large(file);
    let changes = 0;
    let stored = 0;
    let folds = 0;
    // The file is written beside the changes, so how many come meanwhile depends on the disk.
    for (; folds < 2 && changes < 50_000; changes += 1) {
      await book.update(first.id, () => ({ tokens: changes }));
      const now = rows(db) ?? 0;
      if (now < stored) folds += 1;
      stored = now;
    }
    expect(folds).toBe(2);
    db.close();
    expect(await (await openBook(file)).book.get(first.id)).toMatchObject({ tokens: changes - 1 });
  });

  it("keeps a ticket that changed meanwhile", async () => {
    const { book, first } = await large(newFile());
    const changing = book.update(first.id, () => ({ state: "planning" }));
    const removing = book.remove([first.id], (ticket) => ticket.state === "open");
    expect([await removing, await changing]).toEqual([[], await book.get(first.id)]);
  });

  it("refuses a change that cannot be read", async () => {
    const file = newFile();
    const { db } = await large(file);
    db.sqlite.exec("UPDATE ticket_changes SET json = '{\"put\":1}' WHERE sequence = 3");
    db.close();
    await expect(openBook(file)).rejects.toMatchObject({ code: "storage", message: /change 3 of the ticket book/ });
  });
});

describe("the log file of an older selfheal", () => {
  const put = (ticket: Ticket) => `${JSON.stringify({ put: ticket })}\n`;

  it("is read once, but for a last line that was torn", async () => {
    const [a, b] = [buildTicket(), buildTicket()];
    const log = `${put(a)}${put(b)}${JSON.stringify({ removed: b.id })}\n`;
    for (const torn of ["", put(b).slice(0, 20), put(b).slice(0, -1)]) {
      const file = newFile();
      writeFileSync(file, JSON.stringify({ version: 1, tickets: { [b.id]: b } }));
      writeFileSync(logOf(file), log + torn);
      expect(await (await openBook(file)).book.list()).toEqual([a]);
      expect([existsSync(logOf(file)), read(file)]).toEqual([false, { [a.id]: a }]);
    }
  });

  it("is refused where a line in the middle cannot be read", async () => {
    const file = newFile();
    writeFileSync(logOf(file), `{"put":1}\n${put(buildTicket())}`);
    await expect(openBook(file)).rejects.toMatchObject({ code: "storage", message: /line 1 of .*tickets\.log/ });
  });
});

it("keeps the id whatever a change says", async () => {
  const { book } = await openBook(newFile());
  const [a, b] = [await book.open(buildTicket()), await book.open(buildTicket())];
  expect((await book.update(a.id, () => ({ id: b.id }))).id).toBe(a.id);
  expect(await book.get(b.id)).toEqual(b);
});

it("writes what waits before it is closed, and refuses what comes later", async () => {
  const file = newFile();
  const { book } = await openBook(file);
  const ticket = buildTicket();
  const opened = book.open(ticket);
  await book.close();
  expect(JSON.parse(readFileSync(file, "utf8")).tickets).toHaveProperty([ticket.id]);
  await opened;
  await expect(book.open(buildTicket())).rejects.toMatchObject({ code: "storage" });
});

describe("a file that is no ticket book", () => {
  const ticket = buildTicket();
  const book = (entry: unknown) => JSON.stringify({ version: 1, tickets: { [ticket.id]: entry } });
  it.each([
    ["cut off", book(ticket).slice(0, -40), /not JSON/],
    ["empty", "", /not JSON/],
    ["of a wrong field", book({ ...ticket, severity: "huge" }), new RegExp(`tickets\\.${ticket.id}\\.severity`)],
    ["of a missing field", book({ ...ticket, attempts: undefined }), /attempts/],
    ["of a misplaced ticket", book({ ...ticket, id: buildTicket().id }), /\.id: must be the key/],
    ["of a newer version", '{"version":2,"tickets":{}}', /version/],
  ])("%s is named, and left as it is", async (_, text, message) => {
    const file = newFile();
    writeFileSync(file, text);
    const opening = openBook(file);
    await expect(opening).rejects.toMatchObject({ code: "storage", message: expect.stringMatching(message) });
    await expect(opening).rejects.toThrow(/move the file away/);
    expect(readFileSync(file, "utf8")).toBe(text);
  });
});
