import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { loadConfig, parseConfig } from "../../src/config/index.ts";
import { InvalidInputError } from "../../src/domain/errors.ts";
import { tempFolder } from "../helpers/tempFolder.ts";

const service = { name: "shop", project: "shop", repo: "/srv/shop" };
const slack = `https://hooks.slack.com/${"services/T0/B0/xyz"}`;

/** Paths and messages of everything that is wrong. */
function faultsOf(read: () => unknown): string {
  try {
    read();
    return "";
  } catch (error) {
    expect(error).toBeInstanceOf(InvalidInputError);
    return (error as Error).message;
  }
}

function file(text: string | object): string {
  const path = join(tempFolder(), "selfheal.config.json");
  writeFileSync(path, typeof text === "string" ? text : JSON.stringify(text, null, 2));
  return path;
}

describe("the configuration's faults", () => {
  it.each([
    ["at the top", { autonmy: "observe" }, "autonmy: unknown key; did you mean autonomy?"],
    [
      "of a service: it would pass for the global one",
      { services: [{ ...service, autonmy: "observe" }] },
      "services[0].autonmy: unknown key; did you mean autonomy?",
    ],
    [
      "of a health check",
      { services: [{ ...service, health: { ur: "http://127.0.0.1/", command: "true" } }] },
      "services[0].health.ur: unknown key; did you mean url?",
    ],
    ["of a limit", { limits: { maxBody: 1 } }, "limits.maxBody: unknown key; did you mean maxBodyBytes?"],
    [
      "of a key",
      { keys: [{ key: "0123456789", project: "shop", teir: "T1" }] },
      "keys[0].teir: unknown key; did you mean tier?",
    ],
    ["of the model", { model: { nmae: "x" } }, "model.nmae: unknown key; did you mean name?"],
    ["of an agent", { model: { perAgent: { codr: "x" } } }, "model.perAgent.codr: unknown key; did you mean coder?"],
    [
      "of a channel",
      { notificationChannels: [{ type: "slack", url_env: "X" }] },
      "notificationChannels[0].url_env: unknown key; did you mean urlEnv?",
    ],
    ["in another spelling", { debounce_ms: 1 }, "debounce_ms: unknown key; did you mean debounceMs?"],
    ["without its unit", { escalationTimeout: 1 }, "escalationTimeout: unknown key; did you mean escalationTimeoutMs?"],
    [
      "that is nothing like one",
      { budgets: { qqq: 1 } },
      "budgets.qqq: unknown key; there are maxTokensPerDay, maxTokensPerServicePerDay, maxUsdPerTicket, maxUsdPerDay, maxUsdPerServicePerDay",
    ],
  ])("names a misspelt key %s, and what was meant", (_, input, text) => {
    expect(faultsOf(() => parseConfig(input))).toBe(text);
  });

  it.each([
    [{ debounceMs: "5m" }, 'debounceMs: give a whole number, at least 0, not "5m"; give milliseconds: 300000'],
    [{ port: "4700" }, 'port: give a whole number, 0 to 65535, not "4700"; without quotes: 4700'],
    [{ port: -1 }, "port: give a whole number, 0 to 65535, not -1"],
    [{ limits: { maxBodyBytes: "1 MB" } }, "give bytes: 1000000"],
    [{ enabled: "false" }, 'enabled: give true or false, not "false"; without quotes: false'],
    [{ autonomy: "Full" }, 'not "Full"; did you mean full?'],
    [{ autoDeploySeverity: "high" }, "in brackets, also when it is one"],
    [{ autoDeploySeverity: ["hihg"] }, "autoDeploySeverity[0]: give one of critical, high, medium, low, not"],
    [
      { notificationChannels: [{ type: "mail" }] },
      "notificationChannels[0].type: give one of log, webhook, slack, email",
    ],
    [{ services: [{ name: "shop", project: "shop" }] }, "services[0].repo: is missing; give a text"],
    [{ services: [{ ...service, health: {} }] }, "services[0].health: give url, command or both"],
    [{ services: [service, service] }, 'services[1].name: "shop" is there twice'],
    [{ keys: [{ project: "shop" }] }, "keys[0]: give exactly one of key and keyHash"],
    [{ prices: { "gpt-5": { input: -1, output: 1 } } }, "prices.gpt-5.input: give a number, at least 0, not -1"],
    [[], "give an object, not a list"],
  ])("%j: says what was given, what is allowed, what was meant", (input, text) => {
    expect(faultsOf(() => parseConfig(input))).toContain(text);
  });

  it("come all at once", () => {
    const text = faultsOf(() => parseConfig({ port: -1, services: [{ ...service, repo: "" }, service] }));
    expect(text).toMatch(/port: .*; services\[0\]\.repo: /);
  });

  it("never repeat a secret", () => {
    const urlEnv = { notificationChannels: [{ type: "slack", urlEnv: slack }] };
    const key = { keys: [{ key: "hunter2", project: "shop" }], autonomy: "sk-0123456789abcdefghij" };
    const text = faultsOf(() => parseConfig({ ...urlEnv, ...key }));
    expect(text).toContain("keys[0].key: give a text of at least 8 characters, not what is there");
    expect(text).toContain("notificationChannels[0].urlEnv: name an environment variable");
    expect(text).not.toMatch(/hunter2|sk-|xyz/);
  });
});

describe("a configuration file", () => {
  it("says in which line each fault stands", () => {
    const path = file('{\n  "autonomy": "ful",\n  "services": [\n    { "name": "a b", "project": "p" }\n  ]\n}');
    expect(faultsOf(() => loadConfig({ file: path })).split("; ")).toEqual([
      expect.stringMatching(/^autonomy: .*"ful"$/),
      "did you mean full? (line 2)",
      expect.stringMatching(/^services\[0\]\.name: .* \(line 4\)$/),
      "services[0].repo: is missing",
      "give a text (line 4)",
    ]);
  });

  it.each([
    ['{\n  "port": 1,\n  "host" "x"\n}', /is not JSON: line 3, column 10: colon expected/],
    ["{", /is not JSON: line 1, column 2: close brace expected/],
    ["", /is not JSON: line 1, column 1: /],
    ['{ "port": 1,\n "port": 2 }', /^port: is there twice \(line 1 and line 2\)$/],
    ['{ "__proto__": { "enabled": false } }', /^__proto__: unknown key/],
  ])("%j is a fault with its place", (text, words) => {
    expect(faultsOf(() => loadConfig({ file: file(text) }))).toMatch(words);
  });

  it("may hold comments, and a comma at the end", () => {
    const { config } = loadConfig({ file: file('{\n  // who may\n  "autonomy": "full",\n}') });
    expect(config.autonomy).toBe("full");
  });

  it("is outdone by the environment, and that by the command line; every value has an origin", () => {
    const path = file({ port: 1, autonomy: "assist", limits: { maxDepth: 9 } });
    const env = { SELFHEAL_AUTONOMY: "observe", SELFHEAL_PORT: "2", SELFHEAL_ENABLED: "false", SELFHEAL_HOST: "" };
    const { config, originOf } = loadConfig({ file: path, env, options: { port: 3 } });
    expect(config).toMatchObject({ port: 3, autonomy: "observe", enabled: false, host: "127.0.0.1" });
    expect(originOf(["port"])).toEqual({ kind: "option", name: "--port" });
    expect(originOf(["autonomy"])).toEqual({ kind: "environment", variable: "SELFHEAL_AUTONOMY" });
    expect(originOf(["limits", "maxDepth"])).toEqual({ kind: "file", file: path, line: 5 });
    expect(originOf(["limits", "maxSpool"])).toEqual({ kind: "default" });
  });

  it("faults of the environment carry the variable's name", () => {
    const env = { SELFHEAL_AUTONOMY: "ful", SELFHEAL_PORT: "http", SELFHEAL_APPROVE_PLAN: "yes" };
    expect(faultsOf(() => loadConfig({ env }))).toBe(
      'SELFHEAL_PORT: give a whole number, 0 to 65535, not "http"; ' +
        'SELFHEAL_APPROVE_PLAN: give true or false, not "yes"; ' +
        'SELFHEAL_AUTONOMY: give one of observe, assist, supervised, full, not "ful"; did you mean full?',
    );
  });

  it("warns of a kill switch that is misspelt: it would silently stop nothing", () => {
    const { warnings } = loadConfig({ env: { SELFHEAL_PAUSE: "1" } });
    expect(warnings).toEqual([{ path: "SELFHEAL_PAUSE", message: "sets nothing; did you mean SELFHEAL_PAUSED?" }]);
    expect(loadConfig({ env: { SELFHEAL_PAUSED: "1" } }).warnings).toEqual([]);
  });

  it("warns of secrets in plain, and of variables that set nothing", () => {
    const channels = [{ type: "webhook", url: slack }];
    const path = file({ keys: [{ key: "sk-0123456789abcdefghij", project: "p" }], notificationChannels: channels });
    const { warnings } = loadConfig({ file: path, env: { SELFHEAL_AUTONMY: "observe", SELFHEAL_TOKEN: "x" } });
    expect(warnings).toEqual([
      { path: "notificationChannels[0].url", message: expect.stringMatching(/^holds a Slack webhook in plain/) },
      { path: "SELFHEAL_AUTONMY", message: "sets nothing; did you mean SELFHEAL_AUTONOMY?" },
    ]);
  });

  it("its paths are relative to it", () => {
    const path = file({ dataDir: "data", services: [{ ...service, repo: "app" }] });
    const { config } = loadConfig({ file: path });
    const from = join(path, "..");
    expect([config.dataDir, config.services[0]?.repo]).toEqual([join(from, "data"), join(from, "app")]);
  });
});
