import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Database from "better-sqlite3";
import type { AuditEntry } from "../../../src/domain/audit.ts";
import type { Ticket } from "../../../src/domain/ticket.ts";
import { type EmbeddedStores, openEmbeddedStores } from "../../../src/store/embedded.ts";
import type { TinyService } from "../../helpers/tinyService.ts";
import type { Scenario } from "./scenarios.ts";

/** Events that a client was told are safe, and that are not on disk. Looks at a copy: nothing is mended by looking. */
export async function ackedButNotStored(dir: string, ids: readonly string[]): Promise<string[]> {
  const copy = mkdtempSync(join(tmpdir(), "selfheal-acked-"));
  try {
    for (const name of readdirSync(join(dir, "data")).filter((file) => /^selfheal\.sqlite(-wal)?$/.test(file)))
      cpSync(join(dir, "data", name), join(copy, name));
    const database = new Database(join(copy, "selfheal.sqlite"));
    const stored = new Set(database.prepare<[], string>("SELECT event_id FROM events").pluck().all());
    database.close();
    return ids.filter((id) => !stored.has(id)).map((id) => `event ${id} was acknowledged, and is not stored`);
  } finally {
    rmSync(copy, { recursive: true, force: true });
  }
}

/** What is wrong with a folder whose journey is over; every process is gone. */
export async function violationsOf(dir: string, tiny: TinyService, scenario: Scenario): Promise<string[]> {
  const stores = await openEmbeddedStores(join(dir, "data"), { now: () => Date.now() });
  try {
    const tickets = await stores.tickets.list();
    const audit = (await stores.audit.list()).reverse();
    return [
      ...ofTickets(tickets, scenario),
      ...ofProduction(tiny, scenario),
      ...ofMessages(dir, tickets),
      ...(await ofAudit(stores, audit, scenario)),
      ...(await ofRest(stores)),
      ...ofProcesses(dir),
    ];
  } finally {
    await stores.close();
  }
}

function ofTickets(tickets: readonly Ticket[], scenario: Scenario): string[] {
  if (tickets.length !== 1) return [`${tickets.length} tickets for one root cause`];
  const found: string[] = [];
  for (const { state, attempts, decisions, reason } of tickets) {
    if (state !== scenario.ends) found.push(`the ticket is ${state} (${reason}), not ${scenario.ends}`);
    if (attempts.length !== 1) found.push(`${attempts.length} attempts on the ticket`);
    const asked = scenario.says !== undefined && decisions.length > 1;
    if (asked) found.push(`${decisions.length} decisions on the ticket`);
  }
  return found;
}

function ofProduction(tiny: TinyService, scenario: Scenario): string[] {
  const found: string[] = [];
  const branches = tiny.git("for-each-ref", "--format=%(refname:lstrip=2) %(objectname)", "refs/heads/auto-fix");
  const [branch = "", ...others] = branches.split("\n");
  if (others.length > 0) found.push(`pushed more than once: ${branches}`);
  const fix = branch.split(" ")[1] ?? "no branch";
  const wanted = scenario.deploys.map((which) => (which === "fix" ? fix : tiny.head));
  const done = tiny.deploys();
  if (done.join() !== wanted.join()) found.push(`deployed ${done.join(", ") || "nothing"}, not ${wanted.join(", ")}`);
  if (tiny.live() !== wanted.at(-1)) found.push(`${tiny.live()} is live, not ${wanted.at(-1)}`);
  const locks = [join(tiny.repo, ".git")].flatMap((at) => readdirSync(at)).filter((name) => name.endsWith(".lock"));
  if (locks.length > 0) found.push(`git was left locked: ${locks.join(", ")}`);
  return found;
}

/** What people were told: each thing under one key, each key once. */
function ofMessages(dir: string, tickets: readonly Ticket[]): string[] {
  const file = join(dir, "told");
  const lines = existsSync(file) ? readFileSync(file, "utf8").trimEnd().split("\n") : [];
  const kinds = lines.map((line) => line.split("\t")[1] ?? "");
  const found = repeated(kinds).map((kind) => `people were told ${kind} more than once: ${lines.join("; ")}`);
  const decided = tickets.reduce((sum, { decisions }) => sum + decisions.length, 0);
  const asked = kinds.filter((kind) => kind === "asked" || kind === "escalated").length;
  if (asked !== decided) found.push(`people were asked ${asked} times and answered ${decided} times`);
  return found;
}

const ONCE = /^(ticket|deploy|fix)\.(?!planned|escalated)/;

async function ofAudit(stores: EmbeddedStores, audit: readonly AuditEntry[], scenario: Scenario): Promise<string[]> {
  const check = await stores.audit.verify();
  const found = check.kind === "ok" ? [] : [`the audit chain is broken at ${check.sequence}: ${check.reason}`];
  // What a node observed or decided is on record as often as it ran; what happened in the world, once.
  const said = audit
    .filter(({ kind }) => ONCE.test(kind))
    .map(({ kind, ticketId, facts }) => `${kind} ${String(facts.deployment ?? ticketId)}`);
  found.push(...repeated(said).map((what) => `the audit log says ${what} more than once`));
  const wanted = ["ticket.opened", "gate.decided", "deploy.intended", "deploy.started"];
  const ends =
    scenario.deploys.length === 1 ? ["deploy.live", "fix.held"] : ["deploy.rolling_back", "deploy.rolled_back"];
  const kinds = new Set(audit.map(({ kind }) => kind));
  found.push(...[...wanted, ...ends].filter((kind) => !kinds.has(kind)).map((kind) => `the audit log lacks ${kind}`));
  return found;
}

/** Nothing is left that waits or is under way. */
async function ofRest(stores: EmbeddedStores): Promise<string[]> {
  const found: string[] = [];
  const inFlight = await stores.journal.inFlight("tiny");
  if (inFlight !== null) found.push(`deployment ${inFlight.id} is left in flight`);
  if ((await stores.wakeUps.nextDueAt()) !== null) found.push("a wake-up is left");
  const undigested = await stores.spool.undigested(10);
  if (undigested.length > 0) found.push(`${undigested.length} events are left undigested`);
  if ((await stores.debounce.open()).length > 0) found.push("a debounce window is left open");
  if ((await stores.batches.unstarted()).length > 0) found.push("a batch is left without a run");
  const counts = (await stores.issues.list()).map(({ count }) => count);
  if (counts.join() !== "1") found.push(`one event was counted as ${counts.join(" and ")}`);
  const runs = Object.values(stores.apiPersistence.data.runs).filter((run) => run.status === "pending");
  if (runs.length > 0) found.push(`${runs.length} runs are left pending`);
  return found;
}

/** Processes that still work in the folder. */
function ofProcesses(dir: string): string[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => {
      try {
        return readlinkSync(`/proc/${pid}/cwd`).startsWith(dir);
      } catch {
        return false;
      }
    })
    .map((pid) => `process ${pid} still works in the folder`);
}

function repeated(values: readonly string[]): string[] {
  return [...new Set(values.filter((value, i) => values.indexOf(value) !== i))];
}
