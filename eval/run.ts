import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import type { ReplayRequest } from "../src/domain/oneShot.ts";
import { replayEvents } from "../src/oneShot/replay.ts";
import { judgeReport } from "./judge.ts";
import { publishedRows } from "./published.ts";
import { makeScenario, passesHidden } from "./repository.ts";
import { canRun, runtimeOf } from "./runtime.ts";
import type { Scenario } from "./scenario.ts";
import { fixable } from "./scenarios/fixable.ts";
import { duplicates, leaveAlone, malicious } from "./scenarios/leaveAlone.ts";
import { otherLanguages } from "./scenarios/otherLanguages.ts";
import { printTable, type Row } from "./table.ts";

const { values: options } = parseArgs({
  options: {
    only: { type: "string" },
    brain: { type: "string", default: "rules" },
    model: { type: "string" },
    "base-url": { type: "string" },
    /** Without the published packages, which need a registry. */
    written: { type: "boolean", default: false },
    json: { type: "boolean", default: false },
  },
});
const brain = (["rules", "rulesThenModel", "model"] as const).find((name) => name === options.brain);
if (brain === undefined) throw new Error("--brain: rules, rulesThenModel or model");
const faults = (message: string, facts?: unknown) => process.stderr.write(`${message} ${JSON.stringify(facts)}\n`);
const world = {
  clock: { now: () => Date.now() },
  log: { info: () => undefined, warn: () => undefined, error: faults },
  secrets: { apiKey: process.env.OPENAI_API_KEY, baseUrl: process.env.OPENAI_BASE_URL },
};
const model = {
  ...(options.model !== undefined && { name: options.model }),
  ...(options["base-url"] !== undefined && { baseUrl: options["base-url"] }),
};
const replay = (request: Omit<ReplayRequest, "brain" | "model" | "root">) =>
  replayEvents({ ...request, root: ".", brain, model }, world);

/** Of several words, with commas between, one is enough. */
const wanted = (name: string) =>
  options.only === undefined || options.only.split(",").some((word) => name.includes(word));
const rows: Row[] = [];
const written = [...fixable, ...otherLanguages, ...duplicates, ...leaveAlone, ...malicious];
for (const scenario of written.filter((one) => wanted(one.name))) {
  if (await canRun(scenario)) rows.push(await run(scenario));
  else faults(`not run: ${scenario.name}: ${runtimeOf(scenario).needs} is not installed`);
}
if (!options.written) rows.push(...(await publishedRows(wanted, replay)));
printTable(rows, brain, options.json);
process.exitCode = rows.some((row) => row.verdict === "harm" || row.passedGate || row.verdict === "failed") ? 1 : 0;

async function run(scenario: Scenario): Promise<Row> {
  const dir = mkdtempSync(join(tmpdir(), "selfheal-eval-"));
  const { name, kind } = scenario;
  const started = Date.now();
  try {
    const { repo, events } = await makeScenario(scenario, dir);
    const { command, trigger, testCommand } = runtimeOf(scenario);
    const request = {
      repo,
      events,
      ...(testCommand !== undefined && { testCommand }),
      ...(scenario.reproduces === true && { reproduceCommand: command(trigger).join(" ") }),
    };
    const report = await replay(request);
    const judged = await judgeReport(scenario, report, (diff) => passesHidden(scenario, repo, diff, dir));
    return { name, kind, ...judged, ms: report.durationMs, tokens: report.tokens, usd: report.usd };
  } catch (error) {
    const detail = error instanceof Error ? error.message : String(error);
    return { name, kind, verdict: "failed", detail, passedGate: false, ms: Date.now() - started, tokens: 0, usd: 0 };
  } finally {
    rmSync(dir, { recursive: true, force: true, maxRetries: 5 });
  }
}
