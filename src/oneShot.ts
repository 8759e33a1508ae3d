import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { compose, type System, type World } from "./compose.ts";
import { parseConfig } from "./config.ts";
import { InvalidInputError, SelfhealError } from "./domain/errors.ts";
import type { CapturedEvent } from "./domain/event.ts";
import { atLeast } from "./domain/evidence.ts";
import { ticketId } from "./domain/ids.ts";
import type { Batch } from "./domain/issue.ts";
import type { OneShotRequest, OneShotResult } from "./domain/oneShot.ts";
import type { RunState } from "./domain/runState.ts";
import { isClosed, type Ticket } from "./domain/ticket.ts";
import { createDirectRunner } from "./graph/runner.ts";
import { fingerprint } from "./ingest/fingerprint.ts";
import { normalizeEvent } from "./ingest/normalize.ts";
import { scrub } from "./ingest/scrub.ts";

/**
 * Runs the same graph on one event, over a data folder that is gone afterwards. The repository is only read.
 * Throws InvalidInputError `event` for an event that cannot be read, SelfhealError for what goes wrong on the way:
 * `interrupted` when the signal came, `runFailed` when a step failed rather than find nothing.
 */
export async function healOnce(
  request: OneShotRequest,
  world: World & { signal?: AbortSignal },
): Promise<OneShotResult> {
  const dataDir = mkdtempSync(join(tmpdir(), "selfheal-"));
  const startedAt = world.clock.now();
  try {
    const system = await compose(configFor(request, dataDir), world);
    const runner = createDirectRunner({
      graph: () => system.graph,
      log: world.log,
      ...(world.signal && { signal: world.signal }),
    });
    system.runBy(runner);
    try {
      const event = readEvent(request.event, basename(request.repo), startedAt);
      const batch = await batchOf(system.stores, event, startedAt);
      const id = ticketId(batch.id, 0);
      await runner.start(id, { entry: "batch", batchId: batch.id });
      await runner.idle();
      if (world.signal?.aborted === true)
        throw new SelfhealError("interrupted", "interrupted; nothing was changed, and nothing is left behind");
      const ticket = await endOf(system, id);
      const diff = ticket.patch === null ? null : await system.stores.blobs.get(ticket.patch.digest);
      return { ...judge(ticket), ticket, diff, durationMs: world.clock.now() - startedAt };
    } finally {
      await system.close();
    }
  } finally {
    // A command that was cut off may still be writing its last.
    rmSync(dataDir, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
  }
}

/** The ticket at the end of its run. An abstention is a result; a run that broke off, or a step that threw, is none. */
async function endOf(system: System, id: string): Promise<Ticket> {
  const ticket = await system.stores.tickets.get(id);
  const state = await system.graph.getState({ configurable: { thread_id: id } });
  const { failed, cause } = state.values as Partial<RunState>;
  if (failed !== undefined && failed !== "") throw new SelfhealError("runFailed", cause ?? `${failed} failed`);
  if (ticket !== null && (isClosed(ticket.state) || ticket.state === "escalated")) return ticket;
  const where = ticket === null ? "before it had a ticket" : `while it was ${ticket.state}`;
  throw new SelfhealError("runFailed", `the run broke off ${where}; the log above says why`);
}

/** A patch counts only when a person may apply it with something observed behind it. */
function judge(ticket: Ticket): Pick<OneShotResult, "outcome" | "reason"> {
  const grade = ticket.evidence?.grade ?? "none";
  if (ticket.state === "proposed" && atLeast(grade, "E1")) return { outcome: "patch", reason: `evidence ${grade}` };
  if (ticket.state !== "proposed") return { outcome: "abstained", reason: ticket.reason };
  const shortfalls = ticket.evidence?.shortfalls.join(", ") ?? "";
  return { outcome: "abstained", reason: `there is a patch, but only with evidence ${grade}: ${shortfalls}` };
}

function configFor(request: OneShotRequest, dataDir: string) {
  const { repo, root, reproduceCommand, testCommand, setupCommand, testTimeoutMs } = request;
  return parseConfig({
    dataDir,
    // A patch is proposed; nothing is deployed and nobody is asked.
    autonomy: "assist",
    brain: request.brain,
    ...(request.model && { model: request.model }),
    services: [
      {
        name: serviceName(repo),
        project: "local",
        repo,
        root,
        branch: "HEAD",
        ...(reproduceCommand && { reproduceCommand }),
        ...(testCommand && { testCommand }),
        ...(setupCommand && { setupCommand }),
        ...(testTimeoutMs && { testTimeoutMs }),
      },
    ],
  });
}

function serviceName(repo: string): string {
  const name = basename(repo).replace(/[^a-zA-Z0-9._-]/g, "-");
  return /^[a-zA-Z0-9]/.test(name) ? name : `app-${name}`;
}

function readEvent(wire: unknown, repoName: string, now: number): CapturedEvent {
  const newId = () => randomBytes(16).toString("hex");
  const defaultService = serviceName(repoName);
  const read = normalizeEvent(wire, { project: "local", tier: "T3", receivedAt: now, defaultService, newId });
  if (read.kind === "invalid") throw new InvalidInputError("event", read.faults);
  // The file's own service name means nothing here: there is one repository.
  return scrub({ ...read.event, service: defaultService });
}

/** Takes the path that every event takes, only without the waiting. */
async function batchOf(
  stores: Awaited<ReturnType<typeof compose>>["stores"],
  event: CapturedEvent,
  now: number,
): Promise<Batch> {
  await stores.spool.append([event]);
  const { issue } = await stores.issues.digest(event, fingerprint(event));
  const window = { project: event.project, service: event.service, issueIds: [issue.id] };
  return stores.debounce.close({ ...window, openedAt: now, lastAt: now, dueAt: now }, now);
}
