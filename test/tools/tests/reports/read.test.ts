import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readReport } from "../../../../src/tools/tests/reports/readReport.ts";
import type { TestReport } from "../../../../src/tools/tests/reports/testReport.ts";

const fixture = (name: string) => readFileSync(new URL(`../../../fixtures/reports/${name}`, import.meta.url), "utf8");
const printed = (text: string) => readReport({ files: {}, printed: text, roots: ["/srv/shop"] });
const written = (name: string, text: string) =>
  readReport({ files: { [name]: text }, printed: "", roots: ["/srv/shop"] });
const told = (report: TestReport | null) => report?.tests.map((test) => `${test.outcome} ${test.name}`);

const NODE_TESTS = [
  "passed adds",
  "passed cart > sums",
  "failed cart > fails # here \\ now",
  "passed cart > nested > deep",
  "passed parent > child",
  "passed parent > child",
  "skipped skipped",
  "skipped todo one",
  "failed async boom",
  "passed adds",
];
const VITEST_TESTS = (join: string) => [
  "passed a.test.js > adds",
  `passed a.test.js > cart${join}sums`,
  `failed a.test.js > cart${join}fails`,
  `skipped a.test.js > cart${join}later`,
  `skipped a.test.js > cart${join}one day`,
];

describe("reports as the runners write them", () => {
  it.each<[string, string | null, string, string[]]>([
    ["node20.tap.txt", null, "tap", NODE_TESTS],
    ["node20.spec.txt", null, "nodeSpec", NODE_TESTS],
    ["node20.junit.xml", "report.xml", "junit", NODE_TESTS],
    ["node20.junit.xml", null, "junit", NODE_TESTS],
    ["vitest.json", "report.json", "jestJson", [...VITEST_TESTS(" > "), "failed broken.test.js"]],
    [
      "vitest.junit.xml",
      "report.xml",
      "junit",
      [...VITEST_TESTS(" > ").map((t) => t), "failed broken.test.js > broken.test.js"],
    ],
    [
      "jest.json",
      "report.json",
      "jestJson",
      [
        "passed test/cart.test.js > adds",
        "passed test/cart.test.js > cart > sums",
        "failed test/cart.test.js > cart > nested > fails",
        "skipped test/cart.test.js > cart > later",
        "skipped test/cart.test.js > cart > one day",
        "failed test/broken.test.js",
      ],
    ],
    [
      "mocha.json.txt",
      null,
      "mochaJson",
      [
        "passed test/cart.js > cart sums",
        "skipped test/cart.js > cart later",
        "failed test/cart.js > cart fails",
        'failed test/cart.js > cart "after all" hook in "cart"',
      ],
    ],
    [
      "tap16.tap.txt",
      null,
      "tap",
      [
        "passed test/cart.js > sums > should be equal",
        "passed test/cart.js > fails > first",
        "failed test/cart.js > fails > should be equal",
        "passed test/buffered.js > inside",
        "skipped test/buffered.js > left out",
      ],
    ],
    [
      "ava.tap.txt",
      null,
      "tap",
      ["passed cart › sums", "failed cart › fails", "skipped cart › later", "skipped cart › known"],
    ],
    ["tape.tap.txt", null, "tap", ["passed should be strictly equal", "failed should be strictly equal"]],
    [
      "pytest.xml",
      "report.xml",
      "junit",
      [
        "passed pytest > tests.test_cart > test_total",
        "failed pytest > tests.test_cart.TestCart > test_fails",
        "skipped pytest > tests.test_cart.TestCart > test_later",
        "passed pytest > tests.test_cart > test_param[1]",
        "passed pytest > tests.test_cart > test_param[2]",
        "skipped pytest > tests.test_cart > test_xfail",
        "failed pytest > tests.test_cart > test_error",
      ],
    ],
  ])("%s (as %s)", (name, file, format, tests) => {
    const report = file === null ? printed(fixture(name)) : written(file, fixture(name));
    expect(told(report)).toEqual(tests);
    expect(report).toMatchObject({ format, complete: true });
  });

  it("keeps why a test failed, and where it stands", () => {
    expect(printed(fixture("node20.tap.txt"))?.tests[2]).toMatchObject({
      message: "1 == 2",
      file: "test/a.test.js",
    });
    expect(written("report.xml", fixture("pytest.xml"))?.tests[1]).toEqual({
      name: "pytest > tests.test_cart.TestCart > test_fails",
      file: "tests/test_cart.py",
      outcome: "failed",
      message: expect.stringContaining("<boom> & co"),
    });
    expect(written("report.json", fixture("jest.json"))?.tests[2]).toMatchObject({
      file: "test/cart.test.js",
      message: expect.stringContaining("Received: 1"),
    });
  });
});

describe("outputs that tell no tests, or not all", () => {
  it.each<[string, string]>([
    ["nothing", ""],
    ["prose with ok in it", "ok then\nnot ok at all\n"],
    ["another JSON", '{"results":[]}'],
    [
      "a document type",
      '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "b">]><testsuite><testcase name="&a;"/></testsuite>',
    ],
    ["XML that breaks off", '<testsuite><testcase name="a"/>'],
  ])("%s", (_name, text) => {
    expect(printed(text)).toBeNull();
  });

  it.each<[string, string]>([
    ["a crash before the plan", "TAP version 13\nok 1 - a\n"],
    ["fewer than planned", "1..3\nok 1 - a\nok 2 - b\n"],
    ["a bail-out", "1..1\nok 1 - a\nBail out! no database\n"],
    ["a spec report without its end", "✔ adds (2.9ms)\n"],
  ])("%s", (_name, text) => {
    expect(printed(text)).toMatchObject({ complete: false });
  });

  it("takes several TAP documents together", () => {
    const twice = "TAP version 13\nok 1 - a\n1..1\nTAP version 13\nok 1 - b\n1..1\n";
    expect(printed(twice)).toMatchObject({ complete: true, tests: [{ name: "a" }, { name: "b" }] });
  });

  it("is not upset by any text", () => {
    const part = fc.constantFrom(
      "ok 1 - a\n",
      "    not ok 2\n",
      "1..2\n",
      "  ---\n",
      "  ...\n",
      "}\n",
      "{\n",
      "✔ x (1ms)\n",
      "<testsuite>",
      "</testsuite>",
      '<testcase name="',
      "# SKIP",
      "\\#",
    );
    fc.assert(
      fc.property(fc.array(fc.oneof(part, fc.string())), (parts) => {
        const text = parts.join("");
        for (const report of [printed(text), written("report.json", text), written("report.xml", text)]) {
          for (const test of report?.tests ?? []) expect(test.name).not.toMatch(/\n/);
        }
      }),
    );
  });
});
