import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { createTicketBook } from "../../src/store/tickets.ts";
import { tempFolder } from "../helpers/tempFolder.ts";
import { buildTicket } from "../helpers/ticketBuilder.ts";

function newFile(): string {
  return join(tempFolder(), "tickets.json");
}

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
  rmSync(file);
  await Promise.all(tickets.map((ticket) => book.open(ticket)));
  expect(readdirSync(join(file, ".."))).toEqual([]);
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
