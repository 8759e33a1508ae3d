import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { execa } from "execa";
import { captured, runtimeOf } from "./runtime.ts";
import type { Scenario } from "./scenario.ts";

export interface Made {
  repo: string;
  /** Commit ids, oldest first. */
  commits: string[];
  events: unknown[];
}

/** The scenario's repository and its Events, captured by really crashing it. */
export async function makeScenario(scenario: Scenario, dir: string): Promise<Made> {
  const repo = join(dir, "repo");
  mkdirSync(repo, { recursive: true });
  const git = (...args: string[]) =>
    execa("git", ["-c", "user.name=Dev", "-c", "user.email=dev@example.com", ...args], { cwd: repo });
  await git("init", "-q", "-b", "main");
  const commits: string[] = [];
  for (const [i, files] of scenario.commits.entries()) {
    put(repo, i === 0 ? { ...files, [runtimeOf(scenario).trigger]: scenario.trigger } : files);
    await git("add", "-f", "-A");
    // An hour apart: which commit is the newest must not hang on the speed of this machine.
    const at = new Date(Date.now() - (scenario.commits.length - i) * 3_600_000).toISOString();
    await execa(
      "git",
      ["-c", "user.name=Dev", "-c", "user.email=dev@example.com", "commit", "-q", "-m", `Step ${i + 1}`],
      {
        cwd: repo,
        env: { GIT_AUTHOR_DATE: at, GIT_COMMITTER_DATE: at },
      },
    );
    commits.push((await git("rev-parse", "HEAD")).stdout.trim());
  }
  const crashed = commits[scenario.crashedAt ?? commits.length - 1] ?? "";
  await git("checkout", "-q", crashed);
  const event = await captured(scenario, repo, join(dir, "event.json"));
  await git("checkout", "-q", "main");
  return { repo, commits, events: scenario.events?.(event, commits) ?? [event] };
}

/** Runs the hidden tests on the repository with the diff. */
export async function passesHidden(scenario: Scenario, repo: string, diff: string, dir: string): Promise<boolean> {
  const healed = join(dir, "healed");
  rmSync(healed, { recursive: true, force: true });
  await execa("git", ["clone", "-q", repo, healed]);
  await execa("git", ["apply", "-"], { cwd: healed, input: diff });
  const { hidden, command } = runtimeOf(scenario);
  put(healed, { [hidden]: scenario.hidden ?? "" });
  const [program, ...args] = command(hidden);
  const ran = await execa(program, args, { cwd: healed, reject: false, timeout: 120_000 });
  return ran.exitCode === 0;
}

function put(dir: string, files: Record<string, string>): void {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(dir, path)), { recursive: true });
    writeFileSync(join(dir, path), text);
  }
}
