import { XMLParser } from "fast-xml-parser";
import { type TestReport, type TestResult, testResult } from "./testReport.ts";

/** A node as fast-xml-parser returns it in document order: one key with the children, and `:@` with the attributes. */
type Node = Record<string, unknown>;

const MAX_DEPTH = 50;

const parser = new XMLParser({
  preserveOrder: true,
  ignoreAttributes: false,
  attributeNamePrefix: "",
  parseTagValue: false,
  parseAttributeValue: false,
});

/**
 * Parses JUnit XML as node:test, vitest, jest-junit, pytest, mocha-junit-reporter and many others write it. null for
 * other text.
 */
export function parseJunit(text: string): TestReport | null {
  const start = text.search(/<(?:\?xml|testsuites?\b)/);
  // A document type can define entities that expand without bound, and no runner writes one.
  if (start === -1 || !text.includes("<testsuite") || /<!DOCTYPE/i.test(text)) return null;
  const xml = text.slice(start);
  // After a crash the end of the document may be missing, and the parser would accept that.
  if (!/<\/testsuites?>\s*$|<testsuites?\b[^>]*\/>\s*$/.test(xml)) return null;
  const tests: TestResult[] = [];
  try {
    walk(parser.parse(xml) as Node[], [], null, tests, 0);
  } catch {
    return null;
  }
  return { format: "junit", tests, complete: true };
}

function walk(nodes: Node[], suites: readonly string[], file: string | null, tests: TestResult[], depth: number): void {
  if (depth > MAX_DEPTH) return;
  for (const node of nodes) {
    const attributes = attributesOf(node);
    const own = attributes.file ?? attributes.filepath ?? file;
    const inside = childrenOf(node, "testsuites") ?? childrenOf(node, "testsuite");
    if (inside !== null) {
      const name = "testsuite" in node ? [attributes.name ?? ""] : [];
      walk(inside, [...suites, ...name], own, tests, depth + 1);
    }
    const testcase = childrenOf(node, "testcase");
    if (testcase !== null) tests.push(resultOf(testcase, attributes, suites, own));
  }
}

function resultOf(
  children: Node[],
  attributes: Record<string, string>,
  suites: readonly string[],
  file: string | null,
): TestResult {
  const find = (name: string) => children.find((child) => name in child);
  const fault = find("failure") ?? find("error");
  const outcome = find("skipped") !== undefined ? "skipped" : fault !== undefined ? "failed" : "passed";
  // node:test gives every test the class name "test".
  const { classname = "", name = "" } = attributes;
  const group = classname === "test" || classname === suites.at(-1) ? [] : [classname];
  const message = fault && (attributesOf(fault).message ?? textOf(fault));
  return testResult([...suites, ...group, name], outcome, { file, message });
}

function childrenOf(node: Node, name: string): Node[] | null {
  const value = node[name];
  return Array.isArray(value) ? (value as Node[]) : null;
}

function attributesOf(node: Node): Record<string, string> {
  return (node[":@"] as Record<string, string> | undefined) ?? {};
}

function textOf(node: Node): string {
  const children = childrenOf(node, "failure") ?? childrenOf(node, "error") ?? [];
  return children.map((child) => (typeof child["#text"] === "string" ? child["#text"] : "")).join("");
}
