import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Database from "better-sqlite3";
import type { AuditEntry } from "../../../src/domain/audit.ts";
import type { Ticket } from "../../../src/domain/ticket.ts";
import { type EmbeddedStores, openEmbeddedStores } from "../../../src/store/embedded.ts";
import type { TinyService } from "../../helpers/tinyService.ts";
import type { Journey } from "./journey.ts";
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

/** Messages that are still to be sent. The folder may be in use. */
export function messagesLeft(dir: string): number {
  const database = new Database(join(dir, "data", "selfheal.sqlite"), { readonly: true });
  try {
    return database.prepare<[], number>("SELECT count(due_at) FROM outbox").pluck().get() ?? 0;
  } finally {
    database.close();
  }
}

/** Whether something that never comes right again is to be seen from outside, while the journey goes on. */
export function alreadyWrong({ tiny, scenario, receiver }: Journey, tickets: readonly Ticket[]): boolean {
  const kinds = new Map(receiver.arrivals.map(({ key, kind }) => [key, kind]));
  return (
    tickets.length > 1 ||
    tiny.deploys().length > scenario.deploys.length ||
    branchesOf(tiny).length > 1 ||
    new Set(kinds.values()).size < kinds.size
  );
}

/**
 * What is wrong with a journey that is over; every process is gone. `sendsCutOff`: how many processes were killed while
 * they sent a message; only so many may come again.
 */
export async function violationsOf(
  { dir, tiny, scenario, receiver }: Journey,
  sendsCutOff: number,
): Promise<{ violations: string[]; resent: number }> {
  const stores = await openEmbeddedStores(join(dir, "data"), { now: () => Date.now() });
  try {
    const tickets = await stores.tickets.list();
    const audit = (await stores.audit.list()).reverse();
    const resent = receiver.arrivals.length - new Set(receiver.arrivals.map(({ key }) => key)).size;
    const violations = [
      ...ofTickets(tickets, scenario),
      ...ofProduction(tiny, scenario, dir),
      ...ofMessages(receiver, scenario),
      ...(resent > sendsCutOff ? [`${resent} messages came again, and ${sendsCutOff} may`] : []),
      ...(await ofAudit(stores, audit, scenario)),
      ...(await ofRest(stores)),
      ...ofProcesses(dir),
    ];
    return { violations, resent };
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

function branchesOf(tiny: TinyService): string[] {
  const list = tiny.git("for-each-ref", "--format=%(refname:lstrip=2) %(objectname)", "refs/heads/auto-fix");
  return list.split("\n").filter(Boolean);
}

function ofProduction(tiny: TinyService, scenario: Scenario, dir: string): string[] {
  const found: string[] = [];
  const [branch = "", ...others] = branchesOf(tiny);
  if (others.length > 0) found.push(`pushed more than once: ${[branch, ...others].join(", ")}`);
  const fix = branch.split(" ")[1] ?? "no branch";
  const wanted = scenario.deploys.map((which) => (which === "fix" ? fix : tiny.head));
  const done = tiny.deploys();
  if (done.join() !== wanted.join()) found.push(`deployed ${done.join(", ") || "nothing"}, not ${wanted.join(", ")}`);
  if (tiny.live() !== wanted.at(-1)) found.push(`${tiny.live()} is live, not ${wanted.at(-1)}`);
  const begun = join(dir, "live", "begun");
  const starts = existsSync(begun) ? readFileSync(begun, "utf8").split("\n").length - 1 : done.length;
  if (starts !== done.length) found.push(`${starts} deploy commands began, and ${done.length} came to their end`);
  const locks = [join(tiny.repo, ".git"), join(dir, "data", "repos")].flatMap((at) =>
    (existsSync(at) ? readdirSync(at, { recursive: true, encoding: "utf8" }) : []).filter((name) =>
      name.endsWith(".lock"),
    ),
  );
  if (locks.length > 0) found.push(`git was left locked: ${locks.join(", ")}`);
  return found;
}

/** What people were told, once those that keep keys left out what came again: each thing once, and nothing else. */
function ofMessages({ arrivals }: Journey["receiver"], { tells }: Scenario): string[] {
  const kinds = [...new Map(arrivals.map(({ key, kind }) => [key, kind])).values()];
  const found = repeated(kinds).map((kind) => `people were told ${kind} under more than one key`);
  const wanted = [...tells].sort().join(", ");
  const heard = [...new Set(kinds)].sort().join(", ");
  if (heard !== wanted) found.push(`people were told ${heard || "nothing"}, not ${wanted}`);
  return found;
}

const ONCE = /^(ticket|deploy|fix)\.(?!claimed|planned|escalated)/;

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
