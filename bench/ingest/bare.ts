/**
 * The limits: bare Node HTTP and one SQLite table, `synchronous=FULL`, everything that waits in one commit, nothing else done to
 * an event than JSON.parse; with `memory`, an answer from a bounded array. `tsx bench/ingest/bare.ts FILE | memory`
 */
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import Database from "better-sqlite3";

const [where = "memory"] = process.argv.slice(2);
const KEPT = 10_000;

interface Waiting {
  id: string;
  payload: string;
  response: ServerResponse;
}

function answer({ id, response }: Waiting): void {
  response.writeHead(202, { "content-type": "application/json" }).end(`{"accepted":1,"ids":["${id}"]}`);
}

function toMemory(): (one: Waiting) => void {
  const kept: string[] = [];
  return (one) => {
    kept.push(one.payload);
    if (kept.length > KEPT) kept.splice(0, KEPT / 2);
    answer(one);
  };
}

function toDisk(file: string): (one: Waiting) => void {
  const sqlite = new Database(file);
  sqlite.pragma("journal_mode = WAL");
  sqlite.pragma("synchronous = FULL");
  sqlite.exec("CREATE TABLE events (sequence INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, payload TEXT NOT NULL)");
  const insert = sqlite.prepare("INSERT INTO events (id, payload) VALUES (?, ?) ON CONFLICT DO NOTHING");
  const store = sqlite.transaction((group: readonly Waiting[]) => {
    for (const { id, payload } of group) insert.run(id, payload);
  });
  let waiting: Waiting[] = [];
  const commit = (): void => {
    const group = waiting;
    waiting = [];
    store.immediate(group);
    for (const one of group) answer(one);
  };
  return (one) => {
    if (waiting.push(one) === 1) setImmediate(commit);
  };
}

const take = where === "memory" ? toMemory() : toDisk(where);
const server = createServer((request, response) => {
  const pieces: Buffer[] = [];
  request.on("data", (piece: Buffer) => pieces.push(piece));
  request.on("end", () => {
    const payload = Buffer.concat(pieces).toString();
    take({ id: String((JSON.parse(payload) as { event_id: string }).event_id), payload, response });
  });
});
server.listen(0, "127.0.0.1", () => {
  console.log(`listens on http://127.0.0.1:${(server.address() as AddressInfo).port}`);
});
