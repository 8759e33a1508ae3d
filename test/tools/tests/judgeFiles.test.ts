import { describe, expect, it } from "vitest";
import type { Service } from "../../../src/domain/service.ts";
import { judgeFilesOf } from "../../../src/tools/tests/judge/judgeFiles.ts";
import { isJudgePath } from "../../../src/tools/tests/judge/judgePaths.ts";
import { buildEvent } from "../../helpers/eventBuilder.ts";
import { service } from "../../helpers/service.ts";

type Files = Record<string, string>;

const judgesIn = async (files: Files, commands: Partial<Service>, crash = "src/cart.js") => {
  const workspace = {
    service: service("/srv/shop", commands),
    files: async () => Object.keys(files),
    read: async (path: string) => {
      const text = files[path];
      if (text === undefined) throw new Error(`no ${path}`);
      return text;
    },
  } as unknown as Parameters<typeof judgeFilesOf>[0];
  const frames = [{ file: `/srv/shop/${crash}`, function: "total", line: 2, inApp: true }];
  const judges = await judgeFilesOf(workspace, buildEvent({ exception: { type: "TypeError", value: "x", frames } }));
  return Object.keys(files).filter((file) => judges.has(file));
};

const APP: Files = {
  "src/cart.js": 'import { round } from "./money.js";',
  "src/money.js": "",
  "src/server.js": 'import "./cart.js";',
};

describe("files that judge a patch", () => {
  it.each<[string, Files, Partial<Service>, string[]]>([
    [
      "the reproduction",
      { "trigger.mjs": 'import "./src/cart.js"' },
      { reproduceCommand: "node trigger.mjs" },
      ["trigger.mjs"],
    ],
    [
      "a helper that only the reproduction loads, through a helper",
      {
        "trigger.mjs": 'import { run } from "./helper.mjs";',
        "helper.mjs":
          'import "./src/cart.js"; import "./lib2/deep.mjs"; readFileSync(new URL("./input.json", import.meta.url))',
        "lib2/deep.mjs": "",
        "input.json": "{}",
      },
      { reproduceCommand: "node ./trigger.mjs" },
      ["trigger.mjs", "helper.mjs", "lib2/deep.mjs", "input.json"],
    ],
    [
      "but not what the application loads too",
      {
        "trigger.mjs": 'import "./shared.mjs"; import "./src/cart.js"',
        "shared.mjs": "",
        "main.js": 'import "./shared.mjs"',
      },
      { reproduceCommand: "node trigger.mjs" },
      ["trigger.mjs"],
    ],
    [
      "a reproduction behind cd, an assignment, a package script and a shell script",
      {
        "package.json": '{"scripts":{"prerepro":"node tools/prepare.mjs","repro":"A=1 sh ci/repro.sh"}}',
        "ci/repro.sh": "#!/bin/sh\nset -e\nnode tools/trigger.mjs --input data.txt\n",
        "tools/prepare.mjs": "",
        "tools/trigger.mjs": 'execSync("node tools/child.mjs")',
        "tools/child.mjs": "",
        "data.txt": "",
      },
      { reproduceCommand: 'cd . && NODE_OPTIONS="--import ./hooks.mjs" npm run -s repro' },
      ["package.json", "ci/repro.sh", "tools/prepare.mjs", "tools/trigger.mjs", "tools/child.mjs", "data.txt"],
    ],
    [
      "what test, build and deploy commands run",
      {
        "package.json": '{"scripts":{"test":"node scripts/run.mjs","start":"node src/server.js"}}',
        "scripts/run.mjs": 'import { steps } from "./steps.mjs"; import "../src/cart.js"',
        "scripts/steps.mjs": "",
        "build.mjs": 'build({ entryPoints: ["src/server.js"] })',
        "deploy/live.sh": "cp src/cart.js /live\n",
        "register.cjs": "",
      },
      {
        buildCommand: "node -r ./register.cjs build.mjs",
        deployCommand: 'sh "$SELFHEAL_RELEASE_DIR/deploy/live.sh" && node src/server.js && cp src/money.js /x',
      },
      ["package.json", "scripts/run.mjs", "scripts/steps.mjs", "build.mjs", "deploy/live.sh", "register.cjs"],
    ],
    [
      "not the application that a check is given",
      {},
      { testCommand: "node --check src/cart.js", lintCommand: "eslint src/cart.js" },
      [],
    ],
    [
      "tests, and what only they load outside of the application",
      {
        "test/cart.test.js": 'import "../src/cart.js"; import "../tools/db.mjs"; read("../samples/a.json")',
        "tools/db.mjs": "",
        "samples/a.json": "",
        "vitest.config.ts": 'export default { test: { setupFiles: ["./before.ts"] } }',
        "before.ts": "",
        ".mocharc.json": '{"require":["hooks/mocha.js"]}',
        "hooks/mocha.js": "",
      },
      {},
      [
        "test/cart.test.js",
        "tools/db.mjs",
        "samples/a.json",
        "vitest.config.ts",
        "before.ts",
        ".mocharc.json",
        "hooks/mocha.js",
      ],
    ],
    [
      "in Python",
      {
        "trigger.py": "from repro_data import CART\nimport shop.cart\n",
        "repro_data.py": "",
        "shop/cart.py": "from . import money\n",
        "shop/money.py": "",
        "shop/__main__.py": "from .cart import total\n",
        "conftest.py": "from tools.env import ENV\n",
        "tools/env.py": "",
      },
      { reproduceCommand: "python3 trigger.py" },
      ["trigger.py", "repro_data.py", "conftest.py", "tools/env.py"],
    ],
  ])("%s", async (_, files, commands, judges) => {
    const all = "shop/cart.py" in files ? files : { ...APP, ...files };
    const crash = "shop/cart.py" in files ? "shop/cart.py" : "src/cart.js";
    expect(await judgesIn(all, commands, crash)).toEqual(Object.keys(all).filter((file) => judges.includes(file)));
  });

  it("leaves a small application beside its reproduction editable, but no script beside it that crashed", async () => {
    const files = {
      "app.js": "",
      "trigger.mjs": 'import "./app.js"; import "./check.mjs"',
      "check.mjs": 'import "./app.js"',
    };
    const commands = { reproduceCommand: "node trigger.mjs" };
    expect(await judgesIn(files, commands, "app.js")).toEqual(["trigger.mjs", "check.mjs"]);
    expect(await judgesIn(files, commands, "check.mjs")).toContain("check.mjs");
  });

  it("leaves a package that only the reproduction loads editable where it crashed, but no helper of the script", async () => {
    const shop = { "trigger.py": "from shop.orders import currency", "shop/orders.py": "" };
    expect(await judgesIn(shop, { reproduceCommand: "python3 trigger.py" }, "shop/orders.py")).toEqual(["trigger.py"]);
    const helper = { "ci/trigger.py": "from ci.load.data import read", "ci/load/data.py": "" };
    const commands = { reproduceCommand: "python3 ci/trigger.py" };
    expect(await judgesIn(helper, commands, "ci/load/data.py")).toEqual(["ci/trigger.py", "ci/load/data.py"]);
    const named = { "trigger.mjs": 'import "./fixtures-lib/replay.mjs"', "fixtures-lib/replay.mjs": "" };
    expect(await judgesIn(named, { reproduceCommand: "node trigger.mjs" }, "fixtures-lib/replay.mjs")).toContain(
      "fixtures-lib/replay.mjs",
    );
  });

  it.each([
    "test/a.js",
    "src/a.test.ts",
    "conftest.py",
    "tests/factories/user.py",
    "factories/user.rb",
    "vitest.config.ts",
    "jest.setup.js",
    ".mocharc.yml",
    "setupTests.ts",
    "src/__mocks__/fs.js",
    "src/__snapshots__/a.snap",
    "fixtures/a.json",
    "test/test_helper.exs",
    "package.json",
    "pytest.ini",
    "pyproject.toml",
    "mix.exs",
    "config/test.exs",
    "Makefile",
    "Dockerfile",
    "tsconfig.build.json",
  ])("%s is one by its name", (path) => {
    expect(isJudgePath(path)).toBe(true);
  });

  it.each([
    "src/cart.js",
    "src/factories/widget.js",
    "lib/contest.ex",
    "src/latest.py",
    "config/prod.exs",
    "src/setup.js",
    "src/config.ts",
    "src/db.config.js",
  ])("%s is none by its name", (path) => {
    expect(isJudgePath(path)).toBe(false);
  });
});
