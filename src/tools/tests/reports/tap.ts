import { createNesting } from "./nesting.ts";
import type { TestOutcome, TestReport, ToRelative } from "./testReport.ts";

const RESULT = /^( *)(not )?ok\b(?: +(\d+))?(?: +- +| +|$)(.*)$/;
const PLAN = /^1\.\.(\d+)/;
const PLACE = /^ +(?:location|file): (?!\|)(.+)$/;
const ERROR = /^ +(?:error|message): (?!\|)(.+)$/;

/**
 * Parses TAP 13 and 14 as node:test, tap, ava and tape print it. Subtests are indented by four spaces and precede their
 * parent's result. Several documents in one output are counted together. null for other text.
 */
export function parseTap(output: string, toRelative: ToRelative): TestReport | null {
  const nesting = createNesting();
  let planned: number | null = null;
  let bailed = false;
  let inYaml: string | null = null;
  // A buffered subtest (TAP 14) prints its result before its children. Its result is added when its brace closes.
  const buffered: TapResult[] = [];
  for (const line of output.split("\n")) {
    if (inYaml !== null) {
      const error = ERROR.exec(line)?.[1];
      if (error !== undefined) nesting.message(plainScalar(error));
      const place = PLACE.exec(line)?.[1];
      if (place !== undefined) nesting.file(toRelative(plainScalar(place).replace(/(?::\d+){1,2}$/, "")));
      if (line.trimEnd() === `${inYaml}...`) inYaml = null;
      continue;
    }
    const yaml = /^( +)---\s*$/.exec(line);
    if (yaml?.[1] !== undefined) inYaml = yaml[1];
    const plan = PLAN.exec(line)?.[1];
    if (plan !== undefined) planned = (planned ?? 0) + Number(plan);
    if (/^\s*Bail out!/i.test(line)) bailed = true;
    const result = /^ *\}\s*$/.test(line) ? buffered.pop() : resultOf(line);
    if (result?.opens === true) buffered.push({ ...result, opens: false });
    else if (result) nesting.add(result.depth, result.name, result.outcome);
  }
  const { tests, outermost } = nesting.end();
  // Many outputs contain a line that begins with "ok". Only a plan or a version line identifies TAP.
  if (planned === null && !/^TAP version 1[34]\s*$/m.test(output)) return null;
  return { format: "tap", tests, complete: !bailed && planned !== null && planned === outermost };
}

function plainScalar(yaml: string): string {
  return yaml.replace(/^(['"])(.*)\1$/, "$2");
}

interface TapResult {
  depth: number;
  name: string;
  outcome: TestOutcome;
  /** Whether its children follow in braces. */
  opens: boolean;
}

function resultOf(line: string): TapResult | null {
  const match = RESULT.exec(line);
  if (match === null) return null;
  const [, indent = "", not, number = "", rest = ""] = match;
  const { text, directive } = splitDirective(rest);
  const outcome = /^(?:skip|todo)/i.test(directive) ? "skipped" : not === undefined ? "passed" : "failed";
  const name = unescaped(text.replace(/ *\{\s*$/, "").trim());
  const opens = /\{\s*$/.test(rest);
  return { depth: Math.floor(indent.length / 4), name: name === "" ? `#${number}` : name, outcome, opens };
}

/** The description, and the directive after an unescaped `#` (`# SKIP why`, `# time=3ms`). */
function splitDirective(rest: string): { text: string; directive: string } {
  const hash = /(?<!\\)(?:\\\\)*\s#\s*(skip\S*|todo|time=)/i.exec(rest);
  if (hash === null) return { text: rest, directive: "" };
  return { text: rest.slice(0, hash.index), directive: rest.slice(hash.index).replace(/^[\\\s]*#\s*/, "") };
}

function unescaped(text: string): string {
  return text.replace(/\\([#\\])/g, "$1");
}
