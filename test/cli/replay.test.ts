import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { createProgram, runProgram } from "../../src/cli/program.ts";
import { replayCommand } from "../../src/cli/replayCommand.ts";
import { replayEvents } from "../../src/oneShot/replay.ts";
import { createProcessRunner } from "../../src/tools/sandbox/processRunner.ts";
import { gitRepository, temporaryFolder } from "../helpers/gitRepository.ts";

const APP = `export function cityOf(user) {
  return user.address.city ?? "unknown";
}

export function countryOf(user) {
  return user.address?.country ?? "unknown";
}

export function placed(order) {
  if (!order.lines) throw new RangeError("an order needs lines");
  return order.lines.length;
}
`;

const crash = (type: string, value: string, frame: string) => ({
  exception: { type, value, stack: `${type}: ${value}\n    at ${frame}` },
});
const CITY = crash(
  "TypeError",
  "Cannot read properties of undefined (reading 'city')",
  "cityOf (/srv/src/app.js:2:23)",
);

/** The command as people run it, in this process. */
async function run(events: string, args: string[] = []) {
  const repository = gitRepository({
    "package.json": '{ "type": "module" }',
    "src/app.js": APP,
    "trigger.mjs": 'import { cityOf } from "./src/app.js";\ncityOf({});\n',
  });
  const file = join(temporaryFolder("events"), "events.ndjson");
  writeFileSync(file, events);
  const out: string[] = [];
  const errors: string[] = [];
  const sink = (into: string[]) => ({ write: (text: string) => into.push(text) > 0 });
  const io = { stdout: sink(out), stderr: sink(errors), env: {}, fetch } as unknown as Parameters<
    typeof createProgram
  >[0];
  const log = { info: () => undefined, warn: () => undefined, error: () => undefined };
  const world = { clock: { now: () => Date.now() }, log, secrets: {} };
  const processes = createProcessRunner();
  const program = createProgram(io, [replayCommand({ processes, replay: (request) => replayEvents(request, world) })]);
  const code = await runProgram(program, ["replay", "--repo", repository.dir, "--events", file, ...args], io);
  return { code, out: out.join(""), errors: errors.join(""), status: repository.git("status", "--porcelain") };
}

it("says what would have been fixed, what left alone and why, and at what cost; the repository stays as it is", async () => {
  const lines = [
    CITY,
    { ...CITY, release: "1.2.3" },
    crash("RangeError", "an order needs lines", "placed (/srv/src/app.js:10:26)"),
    crash("Error", "connect ECONNREFUSED 127.0.0.1:5432", "load (/srv/src/app.js:2:3)"),
    { no: "exception" },
  ];
  const told = await run(lines.map((line) => JSON.stringify(line)).join("\n"), [
    "--repro",
    "node trigger.mjs",
    "--observe",
  ]);
  expect(told.errors).toBe("");
  expect(told.code).toBe(0);
  expect(told.out).toContain("4 events, 3 issues, 3 root causes");
  expect(told.out).toMatch(
    /What would have been fixed \(1\):\n.*reading 'city'.*\(2 events\)\n +rules:\S+, evidence E/,
  );
  expect(told.out).toMatch(/What would have been left alone \(2\):/);
  expect(told.out).toContain("throws it on purpose");
  expect(told.out).toContain("ECONNREFUSED");
  expect(told.out).toMatch(/What could not be read \(1\):\n {2}event 5: exception/);
  expect(told.out).toContain("no model was asked");
  expect(told.status).toBe("");
});

it("names the line that is not JSON", async () => {
  const told = await run(`${JSON.stringify(CITY)}\n{broken`);
  expect(told.code).toBe(1);
  expect(told.errors).toMatch(/events\.ndjson, line 2 are not JSON/);
});
