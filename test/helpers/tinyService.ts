import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { loadFactor } from "../../src/cli/demo/loadFactor.ts";
import { firstCommit } from "./gitRepository.ts";

/** A service small enough to read at once, with a real crash, suite, replay, deploy, health and live command. */
export interface TinyService {
  repo: string;
  head: string;
  /** The service's part of the configuration. */
  settings: Record<string, unknown>;
  /** Commits that the deploy command put live, in order, each time it ran. */
  deploys(): string[];
  /** The commit that is live. */
  live(): string;
  /** What the live code answers for a user without a profile: the request that crashed. */
  answer(): string;
  /** The commit that has a part of the traffic; null without a canary. */
  canary(): string | null;
  /** Sends requests to what is live, and every tenth to the canary instead. Counts them, and those that crash. */
  serve(requests: number): Promise<void>;
  git(...args: string[]): string;
}

export interface TinyOptions {
  /** Replaces files of the repository, by path. */
  files?: Record<string, string>;
  settings?: Record<string, unknown>;
  /** Gives the service a canary, with these settings beside its commands. */
  canary?: Record<string, unknown>;
}

/** The repository, by path. */
export const TINY_FILES: Record<string, string> = {
  "package.json": JSON.stringify({ name: "tiny", type: "module", scripts: { test: "node --test" } }, null, 2),
  "src/greet.js": [
    "export function shout(user) {",
    '  return (user.profile?.name ?? "guest").toUpperCase();',
    "}",
    "",
    "export function greet(user) {",
    "  const name = user.profile.name;",
    '  return "Hello, " + (name ?? "guest");',
    "}",
    "",
  ].join("\n"),
  "test/greet.test.js": [
    'import assert from "node:assert/strict";',
    'import { test } from "node:test";',
    'import { greet, shout } from "../src/greet.js";',
    "",
    'test("greets", () => assert.equal(greet({ profile: { name: "Ada" } }), "Hello, Ada"));',
    'test("shouts", () => assert.equal(shout({}), "GUEST"));',
    "",
  ].join("\n"),
  "replay.mjs": [
    'import { readFileSync } from "node:fs";',
    'import { greet } from "./src/greet.js";',
    "",
    'const event = JSON.parse(readFileSync(process.env.SELFHEAL_EVENT, "utf8"));',
    "console.log(greet(JSON.parse(event.extra.user)));",
    "",
  ].join("\n"),
};

/** Puts the commit live: keeps the code, notes the commit, and says so in a list, so that a second time is seen. */
const DEPLOY =
  'cp "$SELFHEAL_RELEASE_DIR/src/greet.js" "$LIVE/greet.mjs" && echo "$SELFHEAL_COMMIT" > "$LIVE/current" && echo "$SELFHEAL_COMMIT" >> "$LIVE/deploys"';

/** Commands of a canary that is a second copy of the code, beside what is live. */
const CANARY = {
  command: 'cp "$SELFHEAL_RELEASE_DIR/src/greet.js" "$LIVE/canary.mjs" && echo "$SELFHEAL_COMMIT" > "$LIVE/canary"',
  promoteCommand: `${DEPLOY} && rm -f "$LIVE/canary" "$LIVE/canary.mjs"`,
  abortCommand: 'rm -f "$LIVE/canary" "$LIVE/canary.mjs"',
  liveCommand: 'cat "$LIVE/canary" 2>/dev/null || echo none',
  metricsCommand: 'cat "$LIVE/figures.json"',
};

/** A user as most have it; every fourth is one that the first commit crashes on. */
function userOf(request: number): Record<string, unknown> {
  return request % 4 === 0 ? {} : { profile: { name: "Ada" } };
}

/** Makes the repository in `dir`/repo, with the first commit live in `dir`/live. */
export function makeTinyService(dir: string, options: TinyOptions = {}): TinyService {
  const repo = join(dir, "repo");
  const live = join(dir, "live");
  mkdirSync(live, { recursive: true });
  for (const [path, content] of Object.entries({ ...TINY_FILES, ...options.files })) {
    mkdirSync(join(repo, path, ".."), { recursive: true });
    writeFileSync(join(repo, path), content);
  }
  const git = (...args: string[]) =>
    execFileSync("git", ["-c", "user.name=t", "-c", "user.email=t@example.org", ...args], {
      cwd: repo,
      encoding: "utf8",
    }).trim();
  const head = firstCommit(repo, "Greet users");
  writeFileSync(join(live, "greet.mjs"), readFileSync(join(repo, "src/greet.js")));
  writeFileSync(join(live, "current"), `${head}\n`);
  writeFileSync(join(live, "deploys"), "");
  const within = `LIVE='${live}'; export LIVE;`;
  const inLive = Object.entries(CANARY).map(([key, command]) => [key, `${within} ${command}`]);
  const figures = { canary: { requests: 0, errors: 0 }, baseline: { requests: 0, errors: 0 } };
  const note = () => writeFileSync(join(live, "figures.json"), JSON.stringify(figures));
  note();
  const current = (): string | null =>
    existsSync(join(live, "canary")) ? readFileSync(join(live, "canary"), "utf8").trim() : null;
  const codeOf = async (file: string): Promise<{ greet(user: unknown): string }> =>
    import(`${pathToFileURL(join(live, file)).href}?${readFileSync(join(live, file), "utf8").length}`);
  return {
    repo,
    head,
    settings: {
      name: "tiny",
      project: "test",
      repo,
      testCommand: "npm test",
      reproduceCommand: "node replay.mjs",
      deployCommand: `${within} ${DEPLOY}`,
      liveCommand: `${within} cat "$LIVE/current"`,
      health: {
        command: `${within} node --check "$LIVE/greet.mjs"`,
        passes: 1,
        intervalMs: 50,
        timeoutMs: Math.ceil(2000 * loadFactor()),
      },
      soakMs: 300,
      ...(options.canary && { canary: { ...Object.fromEntries(inLive), ...options.canary } }),
      ...options.settings,
    },
    deploys: () => readFileSync(join(live, "deploys"), "utf8").split("\n").filter(Boolean),
    live: () => readFileSync(join(live, "current"), "utf8").trim(),
    answer: () => {
      const code = `import(${JSON.stringify(join(live, "greet.mjs"))}).then((m) => console.log(m.greet({})), () => {})`;
      try {
        return execFileSync(process.execPath, ["-e", code], {
          encoding: "utf8",
          stdio: ["ignore", "pipe", "ignore"],
        }).trim();
      } catch {
        return "crashed";
      }
    },
    canary: current,
    async serve(requests) {
      for (let i = 0; i < requests; i += 1) {
        const side = current() !== null && i % 10 === 0 ? "canary" : "baseline";
        const code = await codeOf(side === "canary" ? "canary.mjs" : "greet.mjs");
        figures[side].requests += 1;
        try {
          code.greet(userOf(side === "canary" ? i / 10 : i));
        } catch {
          figures[side].errors += 1;
        }
      }
      note();
    },
    git,
  };
}

/** The crash of the tiny service, as a client would send it. `id` must differ from event to event. */
export function tinyEvent(tiny: TinyService, change: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    service: "tiny",
    level: "error",
    handled: false,
    release: tiny.head,
    exception: {
      type: "TypeError",
      value: "Cannot read properties of undefined (reading 'name')",
      stack: [
        "TypeError: Cannot read properties of undefined (reading 'name')",
        `    at greet (file://${tiny.repo}/src/greet.js:6:29)`,
        `    at file://${tiny.repo}/replay.mjs:5:13`,
        "    at ModuleJob.run (node:internal/modules/esm/module_job:343:25)",
      ].join("\n"),
    },
    extra: { user: {} },
    ...change,
  };
}
