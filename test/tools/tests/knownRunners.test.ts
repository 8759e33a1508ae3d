import { describe, expect, it } from "vitest";
import { askForReport, knownRunner, onlyFiles } from "../../../src/tools/tests/knownRunners.ts";

const scripts = {
  test: "vitest run",
  unit: "npm run lint && mocha -r tsx test/**/*.test.js",
  nested: "npm run test",
  ava: "ava",
  node: "node --import tsx --test --test-concurrency=1 test/*.test.js",
  piped: "tape test/*.js | tap-spec",
  "test:jest": "cross-env NODE_ENV=test jest --ci src",
  loop: "npm run loop",
};

describe("asking a suite for a report", () => {
  it.each<[string, string]>([
    ["npm test", 'npm test -- --reporter=default --reporter=json --outputFile.json="$SELFHEAL_OUT/report.json"'],
    [
      "npm run test -- --bail",
      'npm run test -- --bail --reporter=default --reporter=json --outputFile.json="$SELFHEAL_OUT/report.json"',
    ],
    ["yarn test", 'yarn test --reporter=default --reporter=json --outputFile.json="$SELFHEAL_OUT/report.json"'],
    ["pnpm test", 'pnpm test --reporter=default --reporter=json --outputFile.json="$SELFHEAL_OUT/report.json"'],
    ["npm run unit", 'npm run unit -- --reporter json --reporter-option "output=$SELFHEAL_OUT/report.json"'],
    ["npm run test:jest", 'npm run test:jest -- --json --outputFile="$SELFHEAL_OUT/report.json"'],
    ["npm run ava", "npm run ava -- --tap"],
    ["npx tap test", "npx tap test -R tap"],
    ["c8 mocha test", 'c8 mocha test --reporter json --reporter-option "output=$SELFHEAL_OUT/report.json"'],
    ["python3 -m pytest -q", 'python3 -m pytest -q --junitxml="$SELFHEAL_OUT/report.xml" -o junit_family=xunit1'],
    ["npm run node", 'export NODE_OPTIONS="${NODE_OPTIONS:+$NODE_OPTIONS }--test-reporter=tap"; npm run node'],
    ["node --test", 'export NODE_OPTIONS="${NODE_OPTIONS:+$NODE_OPTIONS }--test-reporter=tap"; node --test'],
  ])("%s", (command, asked) => {
    expect(askForReport(command, knownRunner(command, scripts))).toBe(asked);
  });

  it.each([
    "npm run nested",
    "npm run piped",
    "npm run loop",
    "npm run missing",
    "make test",
    "node test/cart.test.js",
    "mocha --reporter dot",
    "jest --json",
    "vitest run; true",
    "node --test --test-reporter=spec",
    "echo jest",
    "constructor",
  ])("leaves %s alone", (command) => {
    expect(askForReport(command, knownRunner(command, scripts))).toBe(command);
  });
});

describe("single files", () => {
  const BINS = 'export PATH="$PWD/node_modules/.bin:$PATH"; ';
  it.each<[string, string]>([
    [
      "npm test",
      "vitest run 'test/a.test.js' --reporter=default --reporter=json --outputFile.json=\"$SELFHEAL_OUT/report.json\"",
    ],
    [
      "npm run nested",
      "vitest run 'test/a.test.js' --reporter=default --reporter=json --outputFile.json=\"$SELFHEAL_OUT/report.json\"",
    ],
    [
      "npm run unit",
      "mocha -r tsx 'test/a.test.js' --reporter json --reporter-option \"output=$SELFHEAL_OUT/report.json\"",
    ],
    [
      "npm run test:jest",
      "cross-env NODE_ENV=test jest --ci --json --outputFile=\"$SELFHEAL_OUT/report.json\" --runTestsByPath 'test/a.test.js'",
    ],
    [
      "npm run node",
      "export NODE_OPTIONS=\"${NODE_OPTIONS:+$NODE_OPTIONS }--test-reporter=tap\"; node --import tsx --test --test-concurrency=1 'test/a.test.js'",
    ],
    ["pytest -q tests/", "pytest -q 'test/a.test.js' --junitxml=\"$SELFHEAL_OUT/report.xml\" -o junit_family=xunit1"],
  ])("%s", (command, alone) => {
    const runner = knownRunner(command, scripts);
    expect(runner && onlyFiles(runner, ["test/a.test.js"])).toBe(BINS + alone);
  });

  it("quotes what is in a name", () => {
    const runner = knownRunner("mocha", {});
    expect(runner && onlyFiles(runner, ["test/$(touch x).js"])).toContain("'test/$(touch x).js'");
  });
});
