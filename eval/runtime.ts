import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { execa } from "execa";
import type { Scenario, WireEvent } from "./scenario.ts";

const CAPTURE = fileURLToPath(new URL("../cases/capture.mjs", import.meta.url));

/** How the programs of a scenario are run, by its language. */
export interface Runtime {
  /** What must be there to run it at all. */
  needs: string;
  trigger: string;
  hidden: string;
  /** A program of the repository, run in its folder. */
  command(file: string): [string, ...string[]];
  testCommand?: string;
}

export const RUNTIMES = {
  javascript: { needs: "node", trigger: "trigger.mjs", hidden: "hidden.mjs", command: (file) => ["node", file] },
  python: {
    needs: "python3",
    trigger: "trigger.py",
    hidden: "hidden.py",
    command: (file) => ["python3", file],
    testCommand: "python3 -m unittest discover -s tests",
  },
  elixir: { needs: "mix", trigger: "trigger.exs", hidden: "hidden.exs", command: (file) => ["mix", "run", file] },
} satisfies Record<string, Runtime>;

export function runtimeOf(scenario: Scenario): Runtime {
  return RUNTIMES[scenario.language ?? "javascript"];
}

/** Whether this machine can run the scenario. */
export async function canRun(scenario: Scenario): Promise<boolean> {
  const { needs } = runtimeOf(scenario);
  const ran = await execa(needs, ["--version"], { reject: false });
  return ran.exitCode === 0;
}

/** Runs the trigger until it crashes, and keeps what a client would have sent. Throws where it does not crash. */
export async function captured(scenario: Scenario, repo: string, file: string): Promise<WireEvent> {
  const { command, trigger } = runtimeOf(scenario);
  const [program, ...args] = command(trigger);
  const isNode = program === "node";
  const ran = await execa(program, isNode ? ["--import", CAPTURE, ...args] : args, {
    cwd: repo,
    env: isNode ? { CASE_EVENT: file } : { MIX_ENV: "dev", PYTHONDONTWRITEBYTECODE: "1" },
    reject: false,
    timeout: 120_000,
  });
  try {
    return isNode ? JSON.parse(readFileSync(file, "utf8")) : printed(ran.stderr, scenario.language === "python");
  } catch (cause) {
    throw new Error(`the trigger did not crash (exit ${ran.exitCode}): ${ran.stderr.slice(-300)}`, { cause });
  }
}

/** What Python and Elixir print of an exception that nobody caught. */
function printed(stderr: string, isPython: boolean): WireEvent {
  const head = isPython ? /^(\w[\w.]*)(?:: (.*))?$/m : /^\*\* \(([\w.]+)\) (.*)$/m;
  const start = isPython ? stderr.lastIndexOf("Traceback (most recent call last)") : stderr.search(/^\*\* \(/m);
  const stack = start < 0 ? "" : stderr.slice(start);
  const last = isPython ? (stack.trimEnd().split("\n").at(-1) ?? "") : stack;
  const found = head.exec(last);
  if (found === null) throw new Error("no exception was printed");
  return {
    platform: isPython ? "python" : "elixir",
    level: "fatal",
    handled: false,
    timestamp: new Date().toISOString(),
    exception: { type: found[1] ?? "", value: found[2] ?? "", stack },
  };
}
