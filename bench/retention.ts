/**
 * What a data folder grows to over 1,000 healed tickets, five a day, with retention once a day and without. The graph, nodes and
 * stores are the real ones, every ticket has a real working tree and commit; planner, coder, tests and deploy target are scripted.
 * `npm run bench:retention -- [--json] [--tickets 1000] [--without 200]`
 */
import { execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { lstat, readdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import { monitorEventLoopDelay, performance } from "node:perf_hooks";
import { parseArgs } from "node:util";
import { createHealer, type Healer } from "./scriptedHeal.ts";

const { values } = parseArgs({
  options: {
    json: { type: "boolean", default: false },
    tickets: { type: "string", default: "1000" },
    without: { type: "string", default: "200" },
  },
});
const DAY_MS = 86_400_000;
const A_DAY = 5;
/** Looks at the folder's size in one run. */
const LOOKS = 8;

interface Row {
  retention: boolean;
  tickets: number;
  day: number;
  inBook: number;
  totalMb: number;
  parts: Record<string, number>;
  files: number;
  sweepMs: number;
  blockMs: number;
}

async function measure(tickets: number, retention: boolean): Promise<Row[]> {
  // Forward from now: blobs' ages are told by their files.
  const clock = { ms: Date.now(), now: () => clock.ms };
  const healer = await createHealer(1, clock);
  const { config, workspaces, services } = healer.system;
  const service = services.get("api") ?? fail("there is no service");
  const base = makeRepository(service.repo);
  const rows: Row[] = [];
  let sweepMs = 0;
  let blockMs = 0;
  for (let n = 1; n <= tickets; n += 1) {
    await (await healer.next())();
    const [ticket] = await healer.stores.tickets.list({ limit: 1 });
    await leaveTree(workspaces, service, ticket?.id ?? fail("no ticket was opened"), base);
    clock.ms += DAY_MS / A_DAY;
    if (retention && n % A_DAY === 0) {
      const delay = monitorEventLoopDelay({ resolution: 1 });
      delay.enable();
      const at = performance.now();
      await healer.system.retention.run();
      sweepMs = Math.max(sweepMs, performance.now() - at);
      delay.disable();
      blockMs = Math.max(blockMs, delay.max / 1e6);
    }
    if (n % Math.ceil(tickets / LOOKS) !== 0) continue;
    rows.push({ retention, tickets: n, day: n / A_DAY, ...(await look(healer, config.dataDir)), sweepMs, blockMs });
    if (!values.json) print(rows.at(-1) ?? fail("no row"));
  }
  await healer.close();
  return rows;
}

function fail(what: string): never {
  throw new Error(what);
}

/** A small repository, in the folder that the scripted service names. */
function makeRepository(dir: string): string {
  const git = (...args: string[]) =>
    execFileSync("git", ["-c", "user.name=bench", "-c", "user.email=bench@localhost", ...args], { cwd: dir });
  for (let n = 0; n < 50; n += 1) {
    const path = join(dir, "src", `part${n}.js`);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, `export const part${n} = ${JSON.stringify("x".repeat(2000))};\n`);
  }
  writeFileSync(join(dir, ".gitignore"), "data\n");
  git("init", "-q", "-b", "main");
  git("add", "-A");
  git("commit", "-q", "-m", "First");
  return String(git("rev-parse", "HEAD")).trim();
}

async function leaveTree(
  workspaces: Healer["system"]["workspaces"],
  service: Parameters<Healer["system"]["workspaces"]["open"]>[0],
  id: string,
  base: string,
) {
  const tree = await workspaces.open(service, id, base);
  await tree.write("src/part0.js", `export const part0 = "${id}";\n`);
  await tree.commit(`Fix of ${id}`);
}

async function look({ stores }: Healer, dir: string) {
  const parts: Record<string, number> = {};
  let files = 0;
  for (const entry of await readdir(dir, { withFileTypes: true, recursive: true })) {
    if (!entry.isFile()) continue;
    files += 1;
    const path = join(entry.parentPath, entry.name);
    const [top = ""] = path.slice(dir.length + 1).split("/");
    const name = top.replace(/\.sqlite-(wal|shm)$/, ".sqlite");
    parts[name] = (parts[name] ?? 0) + (await lstat(path)).size / 1e6;
  }
  const totalMb = Object.values(parts).reduce((sum, size) => sum + size, 0);
  return { inBook: (await stores.tickets.list()).length, totalMb, parts, files };
}

const PARTS = ["checkpoints.sqlite", "selfheal.sqlite", "tickets.json", "blobs", "archive", "repos", "work"];

function print({ retention, tickets, inBook, totalMb, parts, files, sweepMs, blockMs }: Row) {
  const sizes = PARTS.map((name) => (parts[name] ?? 0).toFixed(1));
  const times = retention ? [sweepMs.toFixed(0), blockMs.toFixed(0)] : ["-", "-"];
  console.log(
    `| ${[retention ? "daily" : "none", tickets, inBook, totalMb.toFixed(1), ...sizes, files, ...times].join(" | ")} |`,
  );
}

if (!values.json) {
  const head = ["retention", "tickets", "in the book", "MB", ...PARTS, "files", "longest run, ms", "longest block, ms"];
  console.log(`| ${head.join(" | ")} |\n|${" --- |".repeat(head.length)}`);
}
const rows = [...(await measure(Number(values.without), false)), ...(await measure(Number(values.tickets), true))];
if (values.json) console.log(JSON.stringify(rows, null, 2));
