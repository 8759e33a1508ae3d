import { posix } from "node:path";
import { quote } from "../sandbox/isolationCommand.ts";

/** Test runners that selfheal can ask for a report. */
type RunnerName = "node" | "vitest" | "jest" | "mocha" | "ava" | "tap" | "pytest";

/** The test runner that a suite's command starts. */
export interface KnownRunner {
  name: RunnerName;
  /** The words of the last command in the chain. The runner is at index `at`. */
  words: readonly string[];
  at: number;
  /** Appends arguments for the runner to the configured command; null if they cannot reach the runner. */
  append: ((args: string) => string) | null;
}

const RUNNERS: Readonly<Record<string, RunnerName>> = {
  vitest: "vitest",
  jest: "jest",
  mocha: "mocha",
  ava: "ava",
  tap: "tap",
  pytest: "pytest",
  "py.test": "pytest",
};
/** Words that may precede the runner. */
const BEFORE = /^(?:[A-Za-z_]\w*=\S*|-\S*|cross-env|npx|exec|yarn|pnpm|c8|nyc|env)$/;
const SCRIPT = /^(npm|yarn|pnpm)((?: (?:-s|--silent|--quiet))*) (?:(?:run|run-script) )?([\w:.-]+)((?: .*)?)$/;
const MAX_NESTING = 3;

/** The runner behind a command, resolved through the scripts of package.json; null if it is not a known one. */
export function knownRunner(command: string, scripts: Readonly<Record<string, string>>): KnownRunner | null {
  return resolve(command.trim(), scripts, 0);
}

function resolve(command: string, scripts: Readonly<Record<string, string>>, depth: number): KnownRunner | null {
  const last = command.split("&&").at(-1)?.trim() ?? "";
  if (depth > MAX_NESTING || /[|;<>`\n()&]|\$\(/.test(last)) return null;
  const script = SCRIPT.exec(last);
  const body = script?.[3] === undefined ? undefined : scripts[script[3] === "t" ? "test" : script[3]];
  if (script === null || body === undefined) return inWords(command, last);
  const inner = resolve(body, scripts, depth + 1);
  if (inner === null) return null;
  const more = script[4] ?? "";
  // Arguments pass through one script, but not through a script that calls another script.
  const through = inner.append !== null && depth === 0 && !SCRIPT.test(body.split("&&").at(-1)?.trim() ?? "");
  const separator = script[1] === "npm" && !/(?:^| )-- /.test(`${more} `) ? " --" : "";
  return { ...inner, append: through ? (args) => `${command}${separator} ${args}` : null };
}

function inWords(command: string, last: string): KnownRunner | null {
  const words = last.match(/(?:"[^"]*"|'[^']*'|\S)+/g) ?? [];
  const append = (args: string) => `${command} ${args}`;
  for (const [at, word] of words.entries()) {
    const base = posix.basename(word);
    const rest = words.slice(at + 1);
    const own = Object.hasOwn(RUNNERS, base) ? RUNNERS[base] : undefined;
    if (own !== undefined) return { name: own, words, at, append };
    if ((base === "node" || base === "tsx") && rest.includes("--test")) return { name: "node", words, at, append };
    if (/^python[\d.]*$/.test(base) && rest[0] === "-m" && rest[1] === "pytest") {
      return { name: "pytest", words, at: at + 2, append };
    }
    if (!BEFORE.test(word)) return null;
  }
  return null;
}

const ASK: Readonly<Record<Exclude<RunnerName, "node">, { unless: RegExp; args: string }>> = {
  vitest: {
    unless: /^--outputFile/,
    args: '--reporter=default --reporter=json --outputFile.json="$SELFHEAL_OUT/report.json"',
  },
  jest: { unless: /^--(?:json|outputFile)/, args: '--json --outputFile="$SELFHEAL_OUT/report.json"' },
  mocha: {
    unless: /^(?:-R|-O|--reporter)/,
    args: '--reporter json --reporter-option "output=$SELFHEAL_OUT/report.json"',
  },
  ava: { unless: /^(?:--tap|-t|--watch)/, args: "--tap" },
  tap: { unless: /^(?:-R|--reporter)/, args: "-R tap" },
  pytest: { unless: /^--junit-?xml/, args: '--junitxml="$SELFHEAL_OUT/report.xml" -o junit_family=xunit1' },
};

/**
 * The command, extended so that a known runner also writes a machine-readable report. Other commands stay as they are.
 */
export function askForReport(command: string, runner: KnownRunner | null): string {
  if (runner === null) return command;
  if (runner.name === "node") return `${nodeReporter(runner)}${command}`;
  const { unless, args } = ASK[runner.name];
  if (runner.append === null || runner.words.some((word) => unless.test(word))) return command;
  return runner.append(args);
}

function nodeReporter({ words }: KnownRunner): string {
  if (words.some((word) => word.startsWith("--test-reporter"))) return "";
  // biome-ignore lint/suspicious/noTemplateCurlyInString: for the shell
  return 'export NODE_OPTIONS="${NODE_OPTIONS:+$NODE_OPTIONS }--test-reporter=tap"; ';
}

/** Flags whose value is the next word. */
const TAKES_VALUE =
  /^(?:-r|-c|-t|-g|--(?:require|import|loader|config|project|setupFiles|timeout|grep|env-file|root|dir))$/;

/**
 * A command that runs only these test files (relative to the folder where commands run), with a report. null without
 * files.
 */
export function onlyFiles(runner: KnownRunner, files: readonly string[]): string | null {
  if (files.length === 0) return null;
  const kept = runner.words.filter((word, i) => i <= runner.at || !isTarget(word, runner.words[i - 1] ?? ""));
  const byPath = runner.name === "jest" ? ["--runTestsByPath"] : [];
  const command = [...kept, ...byPath, ...files.map(quote)].join(" ");
  // Adds the packages' programs to PATH, as a package script would.
  const bins = 'export PATH="$PWD/node_modules/.bin:$PATH"; ';
  const alone: KnownRunner = { ...runner, append: (args) => inFront(runner, command, args, files) };
  return bins + askForReport(command, alone);
}

/** jest reads everything after --runTestsByPath as paths, so its other arguments come before. */
function inFront({ name }: KnownRunner, command: string, args: string, files: readonly string[]): string {
  if (name !== "jest") return `${command} ${args}`;
  const tail = ` --runTestsByPath ${files.map(quote).join(" ")}`;
  return `${command.slice(0, -tail.length)} ${args}${tail}`;
}

/** Whether a word names tests to run, and is neither a flag nor a flag's value. */
function isTarget(word: string, before: string): boolean {
  if (word.startsWith("-") || TAKES_VALUE.test(before)) return false;
  return /[*/]|\.[cm]?[jt]sx?['"]?$|\.py$|^['"]?(?:tests?|spec|src|__tests__)['"]?$/.test(word);
}
