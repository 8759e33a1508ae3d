import { readFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createCommandTarget } from "../../src/deploy/commandTarget.ts";
import type { DeployOrder } from "../../src/domain/ports/deployTarget.ts";
import type { Service } from "../../src/domain/service.ts";
import { createProcessRunner } from "../../src/tools/sandbox/processRunner.ts";
import { temporaryFolder } from "../helpers/gitRepository.ts";
import { service } from "../helpers/service.ts";
import { testClock } from "../helpers/testClock.ts";

const COMMIT = "a".repeat(40);
const PREVIOUS = "b".repeat(40);
const never = new AbortController().signal;
const target = createCommandTarget({
  processes: createProcessRunner(),
  dir: temporaryFolder("deploys"),
  clock: { now: () => Date.now() },
  sleep: async (ms, signal) => void (await wait(ms, undefined, { signal })),
});

describe("canaries of the command target", () => {
  const dir = temporaryFolder("canary");
  const order: DeployOrder = { ticketId: "t-1", commit: COMMIT, branch: "b", previousCommit: PREVIOUS, dir };
  const { canaries } = target;
  const withCanary = (canary: Record<string, unknown>, more: Partial<Service> = {}) =>
    service(dir, {
      ...more,
      canary: { command: "echo begin $SELFHEAL_COMMIT", metricsCommand: "true", ...canary } as never,
    });
  const read = (metricsCommand: string) => canaries.read(withCanary({ metricsCommand }), order, never);
  const figures = { canary: { requests: 5, errors: 1 }, baseline: { requests: 50, errors: 0 } };

  it("runs its own commands, else the deployment's and the roll back's", async () => {
    const own = withCanary({ promoteCommand: "echo promote", abortCommand: "echo abort" });
    expect((await canaries.begin(own, order, never)).stdout).toBe(`begin ${COMMIT}\n`);
    expect((await canaries.promote(own, order, never)).stdout).toBe("promote\n");
    expect((await canaries.abort(own, order, never)).stdout).toBe("abort\n");
    const bare = withCanary({}, { deployCommand: "echo deploy $SELFHEAL_COMMIT" });
    expect((await canaries.promote(bare, order, never)).stdout).toBe(`deploy ${COMMIT}\n`);
    expect((await canaries.abort(bare, order, never)).stdout).toBe(`deploy ${PREVIOUS}\n`);
  });

  it.each([
    [`echo ${COMMIT}`, COMMIT],
    ["echo none", "none"],
    ["echo", null],
    ["echo none; exit 1", null],
  ])("what the canary runs, by `%s`", async (liveCommand, running) => {
    expect(await canaries.running(withCanary({ liveCommand }))).toBe(running);
  });

  it("reads the figures from a command or a URL", async () => {
    expect(await read(`echo '${JSON.stringify(figures)}'`)).toEqual({ kind: "read", reading: figures });
    const server: Server = createServer((_, response) => response.end(JSON.stringify(figures)));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const metricsUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
    const byUrl = withCanary({ metricsCommand: undefined, metricsUrl });
    expect(await canaries.read(byUrl, order, never)).toEqual({ kind: "read", reading: figures });
    await new Promise((resolve) => server.close(resolve));
    expect(await canaries.read(byUrl, order, never)).toMatchObject({ kind: "unreadable" });
  });

  it.each([
    ["exit 3", /exit 3/],
    ["echo no figures", /could not be read/],
    [`echo '{"canary": {"requests": 1, "errors": 2}, "baseline": {"requests": 1, "errors": 0}}'`, /more errors than/],
    [`echo '{"canary": {"requests": 1, "errors": -1}, "baseline": {"requests": 1, "errors": 0}}'`, /canary.errors/],
    [`echo '{"canary": {"requests": 1, "errors": 0}}'`, /baseline/],
  ])("takes nothing else for figures: %s", async (command, reason) => {
    expect(await read(command)).toEqual({ kind: "unreadable", reason: expect.stringMatching(reason) });
  });
});

describe("command target", () => {
  const dir = temporaryFolder("release");
  const order: DeployOrder = {
    ticketId: "t-1",
    commit: COMMIT,
    branch: "auto-fix/ticket-t-1",
    previousCommit: PREVIOUS,
    dir,
  };
  const report =
    "echo $SELFHEAL_COMMIT $SELFHEAL_PREVIOUS_COMMIT [$SELFHEAL_BRANCH] $SELFHEAL_TICKET $SELFHEAL_SERVICE";

  it("runs the deploy command in the checkout with everything it needs to know", async () => {
    const shop = service(dir, { deployCommand: `${report}; echo $SELFHEAL_RELEASE_DIR > where; pwd >> where` });
    const result = await target.deploy(shop, order, never);
    expect(result).toMatchObject({
      end: { kind: "exit", code: 0 },
      stdout: `${COMMIT} ${PREVIOUS} [auto-fix/ticket-t-1] t-1 shop\n`,
    });
    expect(readFileSync(join(dir, "where"), "utf8")).toBe(`${dir}\n${dir}\n`);
  });

  it("rolls back with the rollback command", async () => {
    const result = await target.rollback(
      service(dir, { deployCommand: "false", rollbackCommand: report }),
      order,
      never,
    );
    expect(result.stdout).toBe(`${COMMIT} ${PREVIOUS} [auto-fix/ticket-t-1] t-1 shop\n`);
  });

  it("without one, deploys the previous commit, and names no branch", async () => {
    const result = await target.rollback(service(dir, { deployCommand: report }), order, never);
    expect(result.stdout).toBe(`${PREVIOUS} ${COMMIT} [] t-1 shop\n`);
  });

  it("tells failure, time-out and a missing command apart", async () => {
    const end = async (more: Partial<Service>) => (await target.deploy(service(dir, more), order, never)).end;
    expect(await end({ deployCommand: "exit 3" })).toEqual({ kind: "exit", code: 3 });
    expect(await end({ deployCommand: "sleep 30", deployTimeoutMs: 100 })).toEqual({ kind: "timeout", afterMs: 100 });
    expect(await end({})).toMatchObject({ kind: "unstartable" });
  });

  it.each<[string | undefined, string | null]>([
    [`echo ${COMMIT}`, COMMIT],
    [`echo ${COMMIT.toUpperCase()}`, COMMIT],
    ["echo abc1234", null],
    [`echo ${COMMIT} and more`, null],
    [`echo ${COMMIT}; exit 1`, null],
    ["true", null],
    [undefined, null],
  ])("what is live, told by %s, is %s", async (liveCommand, commit) => {
    expect(await target.liveCommit(service(dir, liveCommand === undefined ? {} : { liveCommand }))).toBe(commit);
  });
});

/** The same, in a time that only sleeping moves: as many checks as there are intervals, however slow the machine is. */
function patient() {
  const clock = testClock();
  return createCommandTarget({
    processes: createProcessRunner(),
    dir: temporaryFolder("deploys"),
    clock,
    sleep: async (ms, signal) => {
      signal.throwIfAborted();
      clock.advance(ms);
    },
  });
}

describe("health", () => {
  let server: Server;
  let answers: (number | "hang")[];
  let asked = 0;
  const dir = temporaryFolder("health");

  beforeEach(async () => {
    asked = 0;
    server = createServer((_request, response) => {
      const answer = answers[Math.min(asked, answers.length - 1)] ?? 500;
      asked += 1;
      if (answer !== "hang") response.writeHead(answer, { location: "/login" }).end("ok");
    });
    await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  });
  afterEach(() => {
    server.closeAllConnections();
    server.close();
  });

  const url = () => `http://127.0.0.1:${(server.address() as AddressInfo).port}/health`;
  const health = (more: Partial<NonNullable<Service["health"]>> = {}) =>
    service(dir, { health: { url: url(), timeoutMs: 100_000, intervalMs: 10_000, passes: 3, ...more } });

  it("is healthy after enough passes in a row", async () => {
    answers = [503, 200, 200, 500, 200, 204, 200];
    expect(await patient().health(health(), never)).toEqual({ kind: "healthy" });
    expect(asked).toBe(7);
  });

  it.each<[string, number[], RegExp]>([
    ["errors", [500], /answered 500/],
    ["redirects to a page that works", [302], /answered 302/],
    [
      "never passes often enough in a row",
      [200, 200, 500, 200, 200, 500, 200, 200, 500],
      /answered 500|healthy only 1 of 3/,
    ],
  ])("is unhealthy when it %s", async (_how, scripted, reason) => {
    answers = scripted;
    expect(await patient().health(health(), never)).toEqual({
      kind: "unhealthy",
      reason: expect.stringMatching(reason),
    });
    expect(asked).toBe(10);
  });

  it("is unhealthy when it hangs", async () => {
    answers = ["hang"];
    expect(await target.health(health({ timeoutMs: 100 }), never)).toEqual({
      kind: "unhealthy",
      reason: expect.stringMatching(/did not answer.*\(after 100 ms\)/),
    });
  });

  it("names what was seen before, when the end of the time cuts a check off", async () => {
    const clock = testClock();
    answers = [500, "hang"];
    // The first check leaves 200 ms of the time; the second one hangs through them.
    const sleep = async () => clock.advance(99_800);
    const now = () => clock.now() + (asked > 1 ? 200 : 0);
    const cut = createCommandTarget({
      processes: createProcessRunner(),
      dir: temporaryFolder("deploys"),
      clock: { now },
      sleep,
    });
    expect(await cut.health(health(), never)).toEqual({
      kind: "unhealthy",
      reason: expect.stringMatching(/answered 500/),
    });
  });

  it("is unhealthy when nothing listens", async () => {
    const closed = health();
    await new Promise((done) => server.close(done));
    expect(await patient().health(closed, never)).toMatchObject({
      kind: "unhealthy",
      reason: expect.stringMatching(/ECONNREFUSED/),
    });
  });

  it("asks a command, and both where both are configured", async () => {
    answers = [200];
    const command = "[ $SELFHEAL_SERVICE = shop ]";
    expect(await patient().health(health({ command }), never)).toEqual({ kind: "healthy" });
    expect(await patient().health(health({ command: "exit 7" }), never)).toMatchObject({
      kind: "unhealthy",
      reason: expect.stringMatching(/the health command: exit 7/),
    });
  });

  it("has nothing to ask without a health check", async () => {
    expect(await target.health(service(dir), never)).toEqual({ kind: "healthy" });
  });

  it("stops when it is told to", async () => {
    answers = ["hang"];
    const stop = new AbortController();
    server.once("request", () => stop.abort(new Error("shut down")));
    await expect(target.health(health(), stop.signal)).rejects.toThrow("shut down");
  });
});
