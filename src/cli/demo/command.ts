import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Command } from "commander";
import { messageOf } from "../../domain/errors.ts";
import type { Clock } from "../../domain/ports/clock.ts";
import type { ProcessRunner } from "../../domain/ports/processRunner.ts";
import type { Ticket } from "../../domain/ticket.ts";
import { type Paint, paintFor } from "../colors.ts";
import { type CliCommand, CliError, type Io, printLine } from "../io.ts";
import { createRestClient, type RestClient } from "../restClient.ts";
import { isSettled, progressLine, type Seen, SOAK, shortcomings, shortPlace, summaryTable } from "./progressOutput.ts";
import { type RunningServer, startServer } from "./server.ts";
import { makeShop, type Shop, shopService } from "./shop.ts";
import { createStallDetector, type StallDetector } from "./stallDetector.ts";

/** What the demo command needs from the composition root. */
export interface DemoDeps {
  clock: Clock;
  processes: ProcessRunner;
  /** The repository's top folder, which contains examples/ and clients/. */
  root: string;
  /** The entry file of the command line. */
  entry: string;
  /** A signal that aborts when the process receives a stop signal. */
  untilStopped(): AbortSignal;
}

const POLL_MS = 250;

/**
 * `selfheal demo`: heals a real app with planted crashes through public interfaces only. Exits with 0 only if every
 * expected result was observed.
 */
export function demoCommand(deps: DemoDeps): CliCommand {
  return (program: Command, io: Io) => {
    program
      .command("demo")
      .description("heal a small real app, start to end, and show what happened")
      .option("--keep", "keep the temporary folder")
      .action((options: { keep?: true }) => demo(deps, io, options.keep === true));
  };
}

async function demo(deps: DemoDeps, io: Io, keep: boolean): Promise<void> {
  const dir = mkdtempSync(join(tmpdir(), "selfheal-demo-"));
  const startedAt = deps.clock.now();
  const closers: (() => Promise<void>)[] = [];
  const stopping = deps.untilStopped();
  try {
    const shop = await makeShop({ dir, root: deps.root, now: startedAt, processes: deps.processes });
    const { server, key } = await serve(deps, io, dir, shop);
    closers.push(server.stop);
    closers.unshift(shop.stop);
    await shop.deploy(server.url, key);
    introduce(io, shop, server);
    const seen = await watch(deps, io, shop, server, startedAt, stopping);
    await conclude(deps, io, shop, seen, startedAt);
  } catch (error) {
    throw stopping.aborted ? new CliError("Interrupted.", 1, { cause: error }) : error;
  } finally {
    for (const close of closers) await close().catch((error) => io.stderr.write(`${messageOf(error)}\n`));
    if (keep) printLine(io, `Kept: ${dir}`);
    else rmSync(dir, { recursive: true, force: true });
  }
}

async function serve(deps: DemoDeps, io: Io, dir: string, shop: Shop): Promise<{ server: RunningServer; key: string }> {
  const key = randomBytes(18).toString("base64url");
  const config = join(dir, "selfheal.config.json");
  const settings = {
    dataDir: "data",
    port: 0,
    autonomy: "full",
    // The demo's own code is trusted, so it may deploy automatically on a machine without bubblewrap. The default for
    // other code is stricter.
    sandboxForAuto: "none",
    debounceMs: 1500,
    maxWaitMs: 4000,
    maxAutoDeploysPerHour: 20,
    keys: [{ key, project: "demo", tier: "T1" }],
    services: [shopService(shop)],
  };
  writeFileSync(config, JSON.stringify(settings, null, 2));
  const logFile = join(dir, "selfheal.log");
  return { key, server: await startServer({ entry: deps.entry, config, logFile, env: io.env }) };
}

function introduce(io: Io, shop: Shop, server: RunningServer): void {
  const paint = paintFor(io);
  printLine(io, paint("bold", "A small shop is live, with crashes in it that its own test suite does not see."));
  printLine(io, `  shop      ${shop.url}   commit ${shop.head.slice(0, 8)}`);
  printLine(io, `  selfheal  ${server.url}   autonomy full: critical and high deploy by themselves, the rest asks`);
  printLine(io, `  bugs      ${shop.bugs.map((b) => b.kind).join(", ")}\n`);
}

/**
 * Sends traffic to the shop, answers the questions that the policy requires, and prints progress until every ticket is
 * settled.
 */
async function watch(
  deps: DemoDeps,
  io: Io,
  shop: Shop,
  server: RunningServer,
  startedAt: number,
  interrupted: AbortSignal,
): Promise<Seen[]> {
  const paint = paintFor(io);
  const rest = createRestClient(io, { url: server.url, token: server.token });
  const seen = new Map<string, Seen>();
  const stopping = new AbortController();
  const first = await shop.traffic();
  const crashed = first.filter((r) => r.status === 500).length;
  printLine(io, `${first.length} requests, ${crashed} of them crash (500), one more reports an error it handled.\n`);
  const traffic = keepTraffic(shop, stopping.signal);
  const stallDetector = createStallDetector(deps.clock);
  try {
    while (!(seen.size >= shop.bugs.length && [...seen.values()].every((s) => isSettled(s.ticket)))) {
      interrupted.throwIfAborted();
      const standstill = stallDetector.standstill();
      if (standstill !== null) {
        printLine(io, paint("yellow", standstill));
        break;
      }
      await look({ rest, seen, io, paint, startedAt, clock: deps.clock, stallDetector });
      await sleep(POLL_MS);
    }
  } finally {
    stopping.abort();
    await traffic;
  }
  return [...seen.values()];
}

async function keepTraffic(shop: Shop, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    await shop.traffic({ signal });
    await sleep(700, undefined, { signal }).catch(() => undefined);
  }
}

interface Watch {
  rest: RestClient;
  seen: Map<string, Seen>;
  io: Io;
  paint: Paint;
  startedAt: number;
  clock: Clock;
  stallDetector: StallDetector;
}

async function look(w: Watch): Promise<void> {
  const tickets = await w.rest.tickets({});
  w.stallDetector.look(tickets);
  for (const ticket of tickets.reverse()) {
    const before = w.seen.get(ticket.id);
    if (before?.ticket.state === ticket.state) continue;
    const { issues, deployment } = await w.rest.receipt(ticket.id);
    const seen: Seen = {
      ticket,
      where: shortPlace(issues[0]?.culprit ?? ""),
      provenOn: before?.provenOn ?? null,
      firstSeen: Math.min(...issues.map((i) => i.firstSeen)),
      approved: before?.approved === true,
      rolledBack: deployment?.state === "rolledBack" || deployment?.state === "failed",
    };
    w.seen.set(ticket.id, seen);
    const line = progressLine(seen, before?.ticket, w.clock.now() - w.startedAt, w.paint);
    if (line !== null) printLine(w.io, line);
    if (ticket.state === "reviewing") w.seen.set(ticket.id, { ...seen, provenOn: ticket.patch?.baseCommit ?? null });
    if (await approveIfAsked(w, ticket)) w.seen.set(ticket.id, { ...seen, approved: true });
  }
}

/** Answers like a person: approves the open question for exactly the Patch that it is about. */
async function approveIfAsked(w: Watch, ticket: Ticket): Promise<boolean> {
  if (ticket.state !== "awaitingApproval" || ticket.approval === null) return false;
  const { patchDigest } = ticket.approval;
  printLine(w.io, w.paint("cyan", "          the demo answers as a person would, through the API: approve"));
  await w.rest.decide(ticket.id, { type: "approve", by: "demo", message: "", ...(patchDigest && { patchDigest }) });
  return true;
}

async function conclude(deps: DemoDeps, io: Io, shop: Shop, seen: readonly Seen[], startedAt: number): Promise<void> {
  const paint = paintFor(io);
  const replies = await shop.traffic();
  const healed = shop.bugs.filter((b) => replies.find((r) => r.id === b.id)?.asExpected).length;
  printLine(io, `\n${summaryTable(seen)}`);
  printLine(
    io,
    paint("dim", `E3: no recurrence through the soak, here ${SOAK} (soakMs: 30 min unless you say otherwise).\n`),
  );
  printLine(io, `From outside: ${healed} of ${shop.bugs.length} requests that crashed now give the right answer;`);
  const faults = shortcomings(shop.bugs, seen, replies);
  if (seen.some((s) => s.rolledBack && s.ticket.state === "escalated"))
    printLine(
      io,
      "the fix that made the shop sell tea for nothing was rolled back by its health check, and a person was asked.",
    );
  printLine(io, paint("dim", `Took ${((deps.clock.now() - startedAt) / 1000).toFixed(0)} s.`));
  if (faults.length > 0) throw new CliError(`Not all of it was observed:\n${faults.map((f) => `  - ${f}`).join("\n")}`);
}
