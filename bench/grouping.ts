/**
 * How well Events of one bug come together, and of two bugs stay apart: pair precision, recall and F1 over labelled data, for
 * selfheal's fingerprint and for simpler ones. `npm run bench:grouping -- [--json]`
 */
import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { z } from "zod";
import type { CapturedEvent } from "../src/domain/event.ts";
import { fingerprint } from "../src/ingest/grouping/fingerprint.ts";
import { normalizeEvent } from "../src/ingest/normalize.ts";
import { scrub } from "../src/ingest/privacy/scrub.ts";

const { values } = parseArgs({ options: { json: { type: "boolean", default: false } } });
const SETS = ["release-drift", "cross-browser"] as const;
const Labelled = z.object({ bugs: z.array(z.object({ label: z.string(), events: z.array(z.unknown()) })) });

const top = ({ exception }: CapturedEvent) => exception.frames.find((frame) => frame.inApp) ?? exception.frames[0];
const GROUPERS: Record<string, (event: CapturedEvent) => string> = {
  "selfheal, algorithm 2": (event) => fingerprint(event).family,
  "selfheal, algorithm 1": (event) => fingerprint(event).former?.[0] ?? "",
  "selfheal, strict": (event) => fingerprint(event).strict,
  "type + message": ({ exception }) => JSON.stringify([exception.type, exception.value]),
  "type + top function": (event) => JSON.stringify([event.exception.type, top(event)?.function]),
  "type + file:line": (event) => JSON.stringify([event.exception.type, top(event)?.file, top(event)?.line]),
};

interface Sample {
  label: string;
  event: CapturedEvent;
}

function load(set: string): Sample[] {
  const file = new URL(`../test/fixtures/grouping/${set}.json`, import.meta.url);
  const { bugs } = Labelled.parse(JSON.parse(readFileSync(file, "utf8")));
  let n = 0;
  return bugs.flatMap(({ label, events }) =>
    events.map((wire) => {
      n += 1;
      const newId = () => n.toString(16).padStart(32, "0");
      const read = normalizeEvent(wire, { project: "p", tier: "T1", receivedAt: n, defaultService: "s", newId });
      if (read.kind === "invalid") throw new Error(`${set}, ${label}: ${JSON.stringify(read.faults)}`);
      return { label, event: scrub(read.event) };
    }),
  );
}

/** Over all pairs of two Events: of those put together, how many belong together; of those that do, how many are. */
function score(samples: readonly Sample[], group: (event: CapturedEvent) => string) {
  const grouped = samples.map(({ label, event }) => ({ label, key: group(event) }));
  let [together, belonging, both] = [0, 0, 0];
  for (const [i, a] of grouped.entries()) {
    for (const b of grouped.slice(i + 1)) {
      if (a.key === b.key) together++;
      if (a.label === b.label) belonging++;
      if (a.key === b.key && a.label === b.label) both++;
    }
  }
  const [precision, recall] = [together === 0 ? 1 : both / together, both / belonging];
  return { precision, recall, f1: both === 0 ? 0 : (2 * precision * recall) / (precision + recall) };
}

const rows = SETS.flatMap((set) => {
  const samples = load(set);
  const bugs = new Set(samples.map(({ label }) => label)).size;
  return Object.entries(GROUPERS).map(([grouper, group]) => {
    const groups = new Set(samples.map(({ event }) => group(event))).size;
    return { set, events: samples.length, bugs, grouper, groups, ...score(samples, group) };
  });
});

if (values.json) console.log(JSON.stringify(rows, null, 2));
else {
  console.log(
    "| set | events | bugs | grouped by | groups | precision | recall | F1 |\n|---|---|---|---|---|---|---|---|",
  );
  for (const { set, events, bugs, grouper, groups, precision, recall, f1 } of rows) {
    const figures = [precision, recall, f1].map((figure) => figure.toFixed(2)).join(" | ");
    console.log(`| ${set} | ${events} | ${bugs} | ${grouper} | ${groups} | ${figures} |`);
  }
}
