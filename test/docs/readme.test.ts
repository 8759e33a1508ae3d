import { execFile } from "node:child_process";
import { chmodSync, cpSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { auditCommand } from "../../src/cli/auditCommands.ts";
import { configCommands } from "../../src/cli/configCommands.ts";
import { doctorCommand } from "../../src/cli/doctor/doctorCommand.ts";
import { dsnCommand } from "../../src/cli/dsnCommand.ts";
import { explain, loadConfig } from "../../src/config/index.ts";
import { verifyAuditIn } from "../../src/store/sqlite/audit.ts";
import { tryNativeModule } from "../../src/store/sqlite/sqlite.ts";
import { createProcessRunner } from "../../src/tools/sandbox/processRunner.ts";
import { type CliRun, runCli } from "../helpers/cliRun.ts";
import { temporaryFolder } from "../helpers/gitRepository.ts";
import { type ServeProcess, startServe } from "../helpers/serveProcess.ts";
import { makeTinyService, TINY_FILES, type TinyService, tinyEvent } from "../helpers/tinyService.ts";
import { commandsOf, pageText, ROOT } from "./pages.ts";

/** Everything here waits for what it observes, so that only a machine that hangs fails by the clock. */
const LONG_MS = 600_000;

const README = pageText("README.md");
/** The id that README's commands are about. */
const README_ID = "a9c7dfca";

/** A clone as git leaves it, with README's files around it, and an npm that "installs" by linking what is here. */
interface FreshClone {
  dir: string;
  tiny: TinyService;
  /** Types a line there. */
  type(line: string): Promise<CliRun>;
  /** Where npm was called, and with what. */
  npmCalls(): string[];
}

function freshClone(): FreshClone {
  const around = temporaryFolder("readme");
  const dir = join(around, "selfheal");
  const tools = join(around, "tools");
  for (const folder of [dir, tools, join(dir, "scripts")]) mkdirSync(folder);
  cpSync(join(ROOT, "bin"), join(dir, "bin"), { recursive: true, verbatimSymlinks: true });
  for (const file of ["package.json", "package-lock.json", "tsconfig.json", "scripts/bootstrap.mjs"])
    cpSync(join(ROOT, file), join(dir, file), { preserveTimestamps: true });
  symlinkSync(join(ROOT, "src"), join(dir, "src"));
  const calls = join(around, "npm-calls");
  writeFileSync(
    join(tools, "npm"),
    `#!/bin/sh\n[ "$1" = install ] || exec "${join(process.execPath, "../npm")}" "$@"\necho "$PWD $*" >> '${calls}'\nln -sfn '${ROOT}/node_modules' node_modules\n`,
  );
  chmodSync(join(tools, "npm"), 0o755);
  const tiny = makeTinyService(around, { files: { "crash.mjs": TINY_FILES["replay.mjs"] ?? "" } });
  symlinkSync(tiny.repo, join(around, "your-app"));
  const env = { PATH: [tools, process.env.PATH].join(delimiter), HOME: process.env.HOME };
  return {
    dir,
    tiny,
    type: (line) =>
      new Promise((resolve, reject) => {
        const child = execFile("sh", ["-c", line], { cwd: dir, env }, (error, stdout, stderr) => {
          if (child.exitCode === null) reject(error ?? new Error("it was killed"));
          else resolve({ code: child.exitCode, stdout, stderr });
        });
      }),
    npmCalls: () => readFileSync(calls, "utf8").trimEnd().split("\n"),
  };
}

/** README's own configuration, of a repository that is there. */
function readmeConfig(dir: string, repo: string): string {
  const [, json = ""] = /```json\n([\s\S]*?)```/.exec(README) ?? [];
  const file = join(dir, "selfheal.config.json");
  writeFileSync(file, json.replace('"/srv/shop"', JSON.stringify(repo)));
  return file;
}

let clone: FreshClone;
let server: ServeProcess;
let ticketId: string;
beforeAll(async () => {
  clone = freshClone();
  writeFileSync(join(clone.dir, "crash.json"), JSON.stringify(tinyEvent(clone.tiny)));
  const elsewhere = {
    type: "TypeError",
    value: "x is not a function",
    stack: "TypeError: x\n    at y (/other/z.js:1:1)",
  };
  writeFileSync(join(clone.dir, "events.ndjson"), `${JSON.stringify({ exception: elsewhere })}\n`);
  const live = makeTinyService(temporaryFolder("readme"), { settings: { soakMs: LONG_MS } });
  server = await startServe(temporaryFolder("readme"), { autonomy: "supervised", services: [live.settings] });
  await server.post(tinyEvent(live));
  ticketId = (await server.ticketWhere((ticket) => ticket.state === "awaitingApproval")).id;
}, LONG_MS);
afterAll(() => server.stop());

type How = (line: string) => Promise<void>;

/** Typed in a fresh clone. */
const typed =
  (output: RegExp, code = 0): How =>
  async (line) => {
    const run = await clone.type(line);
    expect(`${run.stdout}${run.stderr}`).toMatch(output);
    expect(run.code).toBe(code);
  };

/** Run by the program on README's own configuration. */
const onReadmeConfig =
  (output: RegExp): How =>
  async (line) => {
    const defaultConfig = readmeConfig(temporaryFolder("readme"), clone.tiny.repo);
    const read = () => loadConfig({ file: defaultConfig });
    const config = { ...read().config, startFaults: [] };
    const commands = [
      configCommands({ defaultConfig, explain: () => explain(read()), check: () => [] }),
      dsnCommand({
        defaultConfig,
        read: () => ({
          url: `http://${config.host}:${config.port}`,
          keys: config.keys.map((k) => ({ ...k, key: k.key ?? null })),
        }),
      }),
      doctorCommand({
        defaultConfig,
        nodeVersion: process.versions.node,
        processes: createProcessRunner(),
        tryNativeModule,
        probeSandbox: async () => ({ grade: "bubblewrap", checked: [], weakness: [] }),
        readConfig: () => config,
        verifyAuditIn,
      }),
    ];
    const run = await runCli(wordsOf(line), {
      env: { SELFHEAL_URL: server.url, SELFHEAL_TOKEN: server.token },
      commands,
    });
    expect(run).toMatchObject({ code: 0, stderr: "", stdout: expect.stringMatching(output) });
  };

/** Run by the program against the server, about its ticket. `code` 1: refused as the ticket stands, which the output says. */
const asked =
  (output: RegExp, code = 0): How =>
  async (line) => {
    const argv = wordsOf(line.replace(README_ID, ticketId.slice(0, 8)));
    const env = { SELFHEAL_URL: server.url, SELFHEAL_TOKEN: server.token };
    const run = await runCli(argv, { env, commands: [auditCommand({ verifyAuditIn })] });
    expect(`${run.stdout}${run.stderr}`).toMatch(output);
    expect(run.code).toBe(code);
  };

/** Not run here: it takes long, or does not end. That its script, command and options are there: commands.test.ts. */
const lookedAt: How = async () => undefined;

/** The words of a line behind `selfheal`. */
function wordsOf(line: string): string[] {
  return [...line.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, bare]) => quoted ?? bare ?? "").slice(1);
}

/** How each command that README names is run here, in README's order where one follows from another. */
const HOW: Readonly<Record<string, How>> = {
  "npm run demo": lookedAt,
  "npm test": lookedAt,
  './bin/selfheal heal --repo ../your-app --event crash.json --repro "node crash.mjs" --test "npm test" --out patch.diff':
    async (line) => {
      await typed(/\+ {2}const name = user\.profile\?\.name;[\s\S]*A patch after/)(line);
      expect(readFileSync(join(clone.dir, "patch.diff"), "utf8")).toContain("user.profile?.name");
      expect(clone.npmCalls()[0]).toMatch(`${clone.dir} install --no-save`);
    },
  "./bin/selfheal replay --events events.ndjson --repo ../your-app": typed(/What would have been left alone \(1\)/),
  "npm run cases": lookedAt,
  "npm run eval": lookedAt,
  "./bin/selfheal doctor": onReadmeConfig(/✓ shop: tests run with npm test\n(?:✓.*\n)*$/),
  "npm start": lookedAt,
  "./bin/selfheal serve --new-token": lookedAt,
  "./bin/selfheal dsn": onReadmeConfig(
    /^shop \(T1\): http:\/\/\w+@127\.0\.0\.1:4700\/1\nT1: Sentry's JavaScript SDKs .*allowInUrl: true\.\n$/,
  ),
  'PATH="$PWD/bin:$PATH"': (line) => typed(/^\S+\/bin\/selfheal\n$/)(`${line}; command -v selfheal`),
  "export SELFHEAL_TOKEN=sh_…": lookedAt,
  "selfheal tickets": asked(/awaiting/i),
  [`selfheal show ${README_ID}`]: asked(/user\.profile\?\.name/),
  [`selfheal show ${README_ID} --prompt`]: asked(/planner/),
  [`selfheal approve ${README_ID}`]: async (line) => {
    await asked(/was taken: approve/)(line);
    await server.ticketWhere((ticket) => ticket.state === "soaking");
  },
  [`selfheal reject ${README_ID} --message "why"`]: asked(/asks nothing/, 1),
  [`selfheal retry ${README_ID}`]: asked(/watched/, 1),
  [`selfheal start ${README_ID}`]: asked(/watched/, 1),
  [`selfheal applied ${README_ID}`]: asked(/soaking/, 1),
  "selfheal pause": asked(/^Paused: no run starts/),
  "selfheal resume": asked(/^Running\./),
  [`selfheal suppress ${README_ID} --for 7d --reason "known, harmless"`]: asked(/Left alone until/),
  "selfheal audit verify": asked(/head/),
  "selfheal memory": asked(/Nothing was learned yet/),
  "selfheal config print": onReadmeConfig(/^autonomy +"observe"/m),
  "selfheal close-breaker": asked(/The breaker is closed/),
  "npm run harness": lookedAt,
  "npm run studio": lookedAt,
};

describe("README's commands, on a fresh clone and a fresh system", () => {
  it("are all in the table of how they are run, and the table holds no others", () => {
    const named = new Set(commandsOf(README).map(({ command }) => command));
    expect([...named].sort()).toEqual(Object.keys(HOW).sort());
  });

  it.each(Object.entries(HOW).filter(([, how]) => how !== lookedAt))("%s", (line, how) => how(line), LONG_MS);
});
