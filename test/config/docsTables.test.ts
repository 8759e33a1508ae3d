import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { configCommands } from "../../src/cli/configCommands.ts";
import { checkStart } from "../../src/composition/startCheck.ts";
import { withTables } from "../../src/config/docsTables.ts";
import { explain, loadConfig } from "../../src/config/index.ts";
import { runCli } from "../helpers/cliRun.ts";
import { tempFolder } from "../helpers/tempFolder.ts";
import { testClock } from "../helpers/testClock.ts";

/** An environment in which nothing is set. */
const nothing = () => undefined;
const WORLD = { clock: testClock(), log: { info: nothing, warn: nothing, error: nothing }, secrets: {} };

function config(argv: string[], settings: object) {
  const defaultConfig = join(tempFolder(), "c.json");
  writeFileSync(defaultConfig, JSON.stringify(settings, null, 2));
  const read = (file: string) => loadConfig({ file, env: { SELFHEAL_PORT: "1" } });
  const check = (file: string) => {
    const { config, warnings } = read(file);
    checkStart(config, WORLD);
    return warnings;
  };
  const commands = configCommands({ defaultConfig, explain: (file) => explain(read(file)), check });
  return runCli(["config", ...argv], { commands: [commands] });
}

describe("docs/configuration.md", () => {
  it("is as the schema is: npm run docs:config", () => {
    const page = readFileSync(new URL("../../docs/configuration.md", import.meta.url), "utf8");
    expect(page).toBe(withTables(page));
    expect(page).toContain("| `escalationTimeoutMs` | a whole number, at least 1 | `300000` |");
  });
});

describe("selfheal config", () => {
  it("print: every value with its origin, and no secret", async () => {
    const { code, stdout } = await config(["print"], {
      autonomy: "assist",
      keys: [{ key: "very-secret-key", project: "p" }],
      model: { baseUrl: "http://u:hunter2@127.0.0.1/v1?k=abc" },
    });
    expect(code).toBe(0);
    expect(stdout).toMatch(/^autonomy +"assist" {2}\(.*c\.json:2\)$/m);
    expect(stdout).toMatch(/^port +1 {2}\(SELFHEAL_PORT\)$/m);
    expect(stdout).toMatch(/^debounceMs +60000 {2}\(default\)$/m);
    expect(stdout).toMatch(/^keys\[0\]\.key +"•••"/m);
    expect(stdout).not.toMatch(/very-secret|hunter2|abc/);
  });

  it("check: exit 1 with every fault", async () => {
    const { code, stderr } = await config(["check"], { autonmy: "full", debounceMs: "5m" });
    expect(code).toBe(1);
    expect(stderr).toContain("give milliseconds: 300000 (line 3)");
    expect(stderr).toContain("autonmy: unknown key; did you mean autonomy? (line 2)");
    expect((await config(["check"], {})).stdout).toMatch(/✓ .*c\.json has no faults\./);
  });

  it("check: exit 1 where serve would refuse to start, for what the environment lacks", async () => {
    const { code, stderr } = await config(["check"], {
      brain: "model",
      notificationChannels: [{ type: "slack" }, { type: "webhook", url: "https://hook.example/", secretEnv: "HOOK" }],
    });
    expect([code, stderr]).toEqual([
      1,
      [
        "config: 3 faults",
        "  notificationChannels[0].urlEnv: the environment variable SELFHEAL_SLACK_URL is not set",
        "  notificationChannels[1].secretEnv: the environment variable HOOK is not set",
        "  brain: a model needs OPENAI_API_KEY in the environment, or model.baseUrl; without one use brain: rules",
        "",
      ].join("\n"),
    ]);
  });
});
