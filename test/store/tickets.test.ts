import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { Ticket } from "../../src/domain/ticket.ts";
import { createTicketBook } from "../../src/store/tickets.ts";
import { tempFolder } from "../helpers/tempFolder.ts";
import { buildTicket } from "../helpers/ticketBuilder.ts";

function newFile(): string {
  return join(tempFolder(), "tickets.json");
}

const logOf = (file: string) => file.replace(".json", ".log");

it("writes a file that people can read and compare", async () => {
  const file = newFile();
  const book = await createTicketBook(file);
  const a = await book.open(buildTicket({ reason: "line\nbreak" }));
  const b = await book.open(buildTicket());
  const before = readFileSync(file, "utf8");
  expect(before).toBe(`${JSON.stringify({ version: 1, tickets: { [a.id]: a, [b.id]: b } }, null, 2)}\n`);
  await book.update(a.id, () => ({ state: "planning" }));
  const lines = before.split("\n");
  const changed = readFileSync(file, "utf8")
    .split("\n")
    .filter((line, i) => line !== lines[i]);
  expect(changed).toEqual(['      "state": "planning",']);
  expect(readdirSync(join(file, ".."))).toEqual(["tickets.json"]);
});

it("writes waiting changes together, and nothing for no change", async () => {
  const file = newFile();
  const book = await createTicketBook(file);
  const tickets = await Promise.all(Array.from({ length: 300 }, () => book.open(buildTicket())));
  expect(await book.list()).toHaveLength(300);
  const before = readFileSync(file, "utf8");
  await Promise.all(tickets.map((ticket) => book.open(ticket)));
  expect([readdirSync(join(file, "..")), readFileSync(file, "utf8")]).toEqual([["tickets.json"], before]);
});

it("keeps the old book, in memory and on disk, when it cannot be written", async () => {
  const file = newFile();
  const book = await createTicketBook(file);
  const ticket = await book.open(buildTicket());
  mkdirSync(`${file}.tmp`); // in the way of every write
  const results = await Promise.allSettled([
    book.update(ticket.id, () => ({ state: "planning" })),
    book.open(buildTicket()),
  ]);
  for (const result of results) expect(result).toMatchObject({ status: "rejected", reason: { code: "storage" } });
  expect(await book.list()).toEqual([ticket]);
  rmSync(`${file}.tmp`, { recursive: true });
  const updated = await book.update(ticket.id, () => ({ state: "coding" }));
  expect(await (await createTicketBook(file)).list()).toEqual([updated]);
});

describe("a large book", () => {
  const many = () => Array.from({ length: 150 }, () => buildTicket());
  const large = async (file: string) => {
    const book = await createTicketBook(file);
    const tickets = await Promise.all(many().map((ticket) => book.open(ticket)));
    return { book, tickets, first: tickets[0] as Ticket };
  };

  it("appends what changes, and has it after a crash", async () => {
    const file = newFile();
    const { book, tickets, first } = await large(file);
    const whole = readFileSync(file, "utf8");
    const updated = await book.update(first.id, () => ({ state: "planning" }));
    const [gone] = await book.remove([tickets[1]?.id ?? "", "unknown"], () => true);
    expect([gone, readFileSync(file, "utf8")]).toEqual([tickets[1], whole]);
    // Nothing was closed: this is what a killed process leaves.
    const after = await createTicketBook(file);
    expect(await after.list()).toEqual([...tickets.slice(2).toReversed(), updated]);
    expect(Object.keys(JSON.parse(readFileSync(file, "utf8")).tickets)).toHaveLength(149);
    expect(readFileSync(logOf(file), "utf8")).toBe("");
  });

  it("forgets a last line that was torn, and writes over it", async () => {
    const file = newFile();
    const { book, first } = await large(file);
    await book.update(first.id, () => ({ state: "planning" }));
    const log = readFileSync(logOf(file), "utf8");
    for (const cut of [1, 20, log.length - 1]) {
      writeFileSync(logOf(file), log + log.slice(0, -cut));
      expect(await (await createTicketBook(file)).get(first.id)).toMatchObject({ state: "planning" });
    }
    const after = await createTicketBook(file);
    await after.update(first.id, () => ({ state: "coding" }));
    expect(readFileSync(logOf(file), "utf8").split("\n")).toHaveLength(2);
  });

  it("refuses a log with a line in the middle that cannot be read", async () => {
    const file = newFile();
    const { book, first } = await large(file);
    await book.update(first.id, () => ({ state: "planning" }));
    writeFileSync(logOf(file), `{"put":1}\n${readFileSync(logOf(file), "utf8")}`);
    await expect(createTicketBook(file)).rejects.toMatchObject({
      code: "storage",
      message: /line 1 of .*tickets\.log/,
    });
  });

  it("folds the log into the file when it is long, and when it is closed", async () => {
    const file = newFile();
    const { book, first } = await large(file);
    let longest = 0;
    for (let n = 1; n <= 200; n += 1) {
      await book.update(first.id, () => ({ tokens: n }));
      longest = Math.max(longest, statSync(logOf(file)).size);
    }
    expect(longest).toBeLessThan(150 * 500 + 5000);
    await book.close();
    expect(readFileSync(logOf(file), "utf8")).toBe("");
    expect(JSON.parse(readFileSync(file, "utf8")).tickets[first.id]).toMatchObject({ tokens: 200 });
  });

  it("keeps a ticket that changed meanwhile", async () => {
    const { book, first } = await large(newFile());
    const changing = book.update(first.id, () => ({ state: "planning" }));
    const removing = book.remove([first.id], (ticket) => ticket.state === "open");
    expect([await removing, await changing]).toEqual([[], await book.get(first.id)]);
  });
});

it("keeps the id whatever a change says", async () => {
  const book = await createTicketBook(newFile());
  const [a, b] = [await book.open(buildTicket()), await book.open(buildTicket())];
  expect((await book.update(a.id, () => ({ id: b.id }))).id).toBe(a.id);
  expect(await book.get(b.id)).toEqual(b);
});

it("writes what waits before it is closed, and refuses what comes later", async () => {
  const file = newFile();
  const book = await createTicketBook(file);
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
    const opening = createTicketBook(file);
    await expect(opening).rejects.toMatchObject({ code: "storage", message: expect.stringMatching(message) });
    await expect(opening).rejects.toThrow(/move the file away/);
    expect(readFileSync(file, "utf8")).toBe(text);
  });
});
