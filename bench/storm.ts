/**
 * What a storm costs: 100,000 events of one bug with 50 of 50 others among them, through scrub, the real spool and pump on
 * disk, until every one is digested and its run started. `npm run bench:storm -- [--json] [--events 100000] [--others 50]`
 */
import { createHash } from "node:crypto";
import { mkdtempSync, readdirSync, rmSync, statSync } from "node:fs";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { performance } from "node:perf_hooks";
import { setTimeout as delay } from "node:timers/promises";
import { parseArgs } from "node:util";
import type { CapturedEvent } from "../src/domain/event.ts";
import { createBatcher } from "../src/ingest/digest/batcher.ts";
import { createDigester } from "../src/ingest/digest/digest.ts";
import { createPump } from "../src/ingest/digest/pump.ts";
import { scrub } from "../src/ingest/privacy/scrub.ts";
import { openEmbeddedStores } from "../src/store/embedded.ts";
import { buildEvent } from "../test/helpers/eventBuilder.ts";
import { buildTicket } from "../test/helpers/ticketBuilder.ts";

const { values } = parseArgs({
  options: {
    json: { type: "boolean", default: false },
    events: { type: "string", default: "100000" },
    others: { type: "string", default: "50" },
  },
});
const CHUNK = 100;
const clock = { now: () => Date.now() };

/** The n-th event: about 2 KB, its message and line with a number of its own; every so often one of another bug. */
function nth(n: number, every: number, others: number): CapturedEvent {
  const other = n % every === 0 && n / every < others ? n / every : null;
  const name =
    other === null
      ? "storm"
      : `other${String.fromCharCode(97 + (other % 26))}${String.fromCharCode(97 + Math.floor(other / 26))}`;
  const frames = Array.from({ length: 20 }, (_, depth) => ({
    file: `/srv/shop/src/${depth === 0 ? name : `layer${depth}`}.js`,
    function: depth === 0 ? name : `layer${depth}`,
    line: depth === 0 ? 1 + (n % 7) : depth,
    inApp: true,
  }));
  const at = clock.now();
  return scrub(
    buildEvent({
      id: createHash("md5").update(String(n)).digest("hex"),
      timestamp: at,
      receivedAt: at,
      release: n % 2 === 0 ? "1.0.0" : "1.0.1",
      exception: { type: "TypeError", value: `order ${n} has no city`, frames },
      extra: { dump: JSON.stringify({ n, text: "x".repeat(600) }) },
    }),
  );
}

async function measure(events: number, others: number) {
  const dir = mkdtempSync(join(tmpdir(), "bench-storm-"));
  const stores = await openEmbeddedStores(dir, clock);
  const runsOf = new Map<string, number>();
  const ticket = buildTicket({ state: "coding" });
  const digester = createDigester({
    ...stores,
    clock,
    times: { debounceMs: 500, maxWaitMs: 5000 },
    ticket: async () => ticket,
  });
  const start = async ({ issueIds }: { issueIds: string[] }) => {
    for (const id of issueIds) {
      runsOf.set(id, (runsOf.get(id) ?? 0) + 1);
      await stores.issues.attachTicket(id, ticket.id);
    }
  };
  const log = { info() {}, warn() {}, error: (what: string, facts?: unknown) => console.error(what, facts) };
  const pump = createPump({ digester, batcher: createBatcher({ ...stores, start }), clock, log });
  pump.start();
  let peakRss = 0;
  const startedAt = performance.now();
  const total = events + others;
  const every = Math.max(1, Math.floor(total / (others + 1)));
  for (let n = 0; n < total; n += CHUNK) {
    await stores.spool.append(Array.from({ length: Math.min(CHUNK, total - n) }, (_, i) => nth(n + i, every, others)));
    pump.nudge();
    peakRss = Math.max(peakRss, process.memoryUsage().rss);
  }
  const acceptedAt = performance.now();
  while ((await stores.spool.waiting()).rows > 0) await delay(20);
  const digestedAt = performance.now();
  while ((await stores.debounce.open()).length > 0 || (await stores.batches.unstarted()).length > 0) await delay(20);
  await pump.stop();
  peakRss = Math.max(peakRss, process.memoryUsage().rss);
  const issues = await stores.issues.list();
  const [storm] = [...issues].sort((a, b) => b.count - a.count);
  const row = {
    events: issues.reduce((sum, issue) => sum + issue.count, 0),
    issues: issues.length,
    runsAnIssue: {
      least: Math.min(...issues.map(({ id }) => runsOf.get(id) ?? 0)),
      most: Math.max(...runsOf.values()),
    },
    wholeEventsOfTheStorm: (await stores.issues.samples(storm?.id ?? "", 1000)).length,
    minuteRows: (await stores.issues.minutes(storm?.id ?? "", 0)).length,
    acceptedPerSecond: Math.round(total / ((acceptedAt - startedAt) / 1000)),
    digestedPerSecond: Math.round(total / ((digestedAt - startedAt) / 1000)),
    peakRssMb: Math.round(peakRss / 1e6),
    diskMb: 0,
    bytesAnEvent: 0,
  };
  await stores.close();
  const bytes = readdirSync(dir).reduce((sum, name) => sum + statSync(join(dir, name)).size, 0);
  rmSync(dir, { recursive: true });
  return { ...row, diskMb: Math.round(bytes / 1e5) / 10, bytesAnEvent: Math.round(bytes / total) };
}

const row = await measure(Number(values.events), Number(values.others));
if (values.json) console.log(JSON.stringify({ node: process.version, cores: cpus().length, ...row }, null, 2));
else {
  const { runsAnIssue, ...rest } = row;
  console.log("| what | figure |\n| --- | --- |");
  for (const [what, figure] of Object.entries({ ...rest, runsAnIssue: `${runsAnIssue.least} to ${runsAnIssue.most}` }))
    console.log(`| ${what} | ${figure} |`);
}
