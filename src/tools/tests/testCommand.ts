import { posix } from "node:path";
import { SelfhealError } from "../../domain/errors.ts";
import type { Workspace } from "../../domain/ports/workspace.ts";

/** A test command, and whether the operator configured it or selfheal detected it. */
export interface SuiteCommand {
  command: string;
  source: "configured" | "detected";
}

/** The service's suite: the configured command, or else a detected one; null if there is none. */
export async function suiteOf(workspace: Workspace): Promise<SuiteCommand | null> {
  const { testCommand } = workspace.service;
  if (testCommand !== undefined) return { command: testCommand, source: "configured" };
  const command = await detectTestCommand(workspace);
  return command === null ? null : { command, source: "detected" };
}

const PYTHON_FILES = ["pytest.ini", "conftest.py", "tox.ini"];

/** The usual test command for the files in the service's root; null if no rule matches. */
export async function detectTestCommand(workspace: Workspace): Promise<string | null> {
  const files = new Set(await workspace.files());
  const root = workspace.service.root.replace(/^\.\/?/, "").replace(/\/$/, "");
  const at = (name: string) => (root === "" ? name : `${root}/${name}`);
  if (files.has(at("package.json")) && hasTestScript(await textOrNothing(workspace, at("package.json"))))
    return "npm test";
  if (files.has(at("mix.exs"))) return "mix test";
  if (PYTHON_FILES.some((name) => files.has(at(name)))) return "python3 -m pytest -q";
  if (files.has(at("go.mod"))) return "go test ./...";
  return null;
}

/** The scripts of the package.json in the service's root. Empty if it does not exist or cannot be parsed. */
export async function packageScripts(workspace: Workspace): Promise<Record<string, string>> {
  const text = await textOrNothing(workspace, posix.join(posix.normalize(workspace.service.root), "package.json"));
  try {
    const { scripts } = JSON.parse(text) as { scripts?: unknown };
    if (typeof scripts !== "object" || scripts === null) return {};
    const named = Object.entries(scripts).filter((entry): entry is [string, string] => typeof entry[1] === "string");
    return Object.fromEntries(named);
  } catch {
    return {};
  }
}

async function textOrNothing(workspace: Workspace, path: string): Promise<string> {
  try {
    return await workspace.read(path);
  } catch (error) {
    if (SelfhealError.isInstance(error)) return "";
    throw error;
  }
}

function hasTestScript(packageJson: string): boolean {
  try {
    const script = (JSON.parse(packageJson) as { scripts?: { test?: unknown } }).scripts?.test;
    // npm's placeholder script means that there is no test.
    return typeof script === "string" && script.trim() !== "" && !script.includes("no test specified");
  } catch {
    return false;
  }
}

const TEST_PATHS = [
  /(?:^|\/)(?:test|tests|__tests__|__snapshots__|spec|specs|e2e)\//,
  /[._-](?:test|tests|spec)\.[\w.]+$/,
  /(?:^|\/)test_[^/]+\.py$/,
  /(?:^|\/)(?:conftest\.py|test_helper\.exs|(?:vitest|jest|playwright|karma|ava)\.(?:config|workspace|setup)\.\w+|\.mocharc\.\w+)$/,
];

/** Whether a path is a test, or configures how tests run. */
export function isTestPath(path: string): boolean {
  return TEST_PATHS.some((pattern) => pattern.test(path));
}
