import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { compose, type System, type World } from "../composition/compose.ts";
import { parseConfig } from "../config/index.ts";
import { SelfhealError } from "../domain/errors.ts";
import type { CapturedEvent } from "../domain/event.ts";
import type { Batch } from "../domain/issue.ts";
import type { LocalRequest } from "../domain/oneShot.ts";
import { createDirectRunner, type DirectRunner } from "../graph/directRunner.ts";
import { fingerprint } from "../ingest/grouping/fingerprint.ts";
import { type Normalized, normalizeEvent } from "../ingest/normalize.ts";
import { scrub } from "../ingest/privacy/scrub.ts";

/** The world of a run without a server; the signal ends it. */
export type LocalWorld = World & { signal?: AbortSignal };

/**
 * The whole system over a data folder that is gone afterwards, and one repository, which is only read. Throws SelfhealError
 * `interrupted` when the signal came meanwhile.
 */
export async function withLocalSystem<T>(
  request: LocalRequest,
  world: LocalWorld,
  use: (system: System, runner: DirectRunner) => Promise<T>,
): Promise<T> {
  const dataDir = mkdtempSync(join(tmpdir(), "selfheal-"));
  try {
    const system = await compose(configFor(request, dataDir), world);
    const runner = createDirectRunner({
      graph: () => system.graph,
      log: world.log,
      ...(world.signal && { signal: world.signal }),
    });
    system.runBy(runner);
    try {
      return await use(system, runner);
    } finally {
      await system.close();
    }
  } finally {
    // A command that was cut off may still be writing its last.
    rmSync(dataDir, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
  }
}

/** Resolves once nothing is under way; throws SelfhealError `interrupted` when it was cut short. */
export async function settled(runner: DirectRunner, { signal }: LocalWorld): Promise<void> {
  await runner.idle();
  if (signal?.aborted === true)
    throw new SelfhealError("interrupted", "interrupted; nothing was changed, and nothing is left behind");
}

function configFor(request: LocalRequest, dataDir: string) {
  const { repo, root, reproduceCommand, testCommand, setupCommand, testTimeoutMs } = request;
  return parseConfig({
    dataDir,
    // A patch is proposed; nothing is deployed and nobody is asked.
    autonomy: "assist",
    // What happened long ago is asked about on purpose.
    claims: { quietForMs: 0 },
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

/** A payload as an Event of the repository's only service, scrubbed; or what is wrong with it. */
export function readLocalEvent(wire: unknown, repo: string, now: number): Normalized {
  const newId = () => randomBytes(16).toString("hex");
  const defaultService = serviceName(repo);
  const read = normalizeEvent(wire, { project: "local", tier: "T3", receivedAt: now, defaultService, newId });
  if (read.kind === "invalid") return read;
  // The file's own service name means nothing here: there is one repository.
  return { kind: "event", event: scrub({ ...read.event, service: defaultService }) };
}

/** Takes the path that every Event takes, only without the waiting: one Batch over all their Issues. */
export async function batchOf(
  stores: System["stores"],
  events: readonly CapturedEvent[],
  now: number,
): Promise<Batch | null> {
  await stores.spool.append(events);
  const issueIds = new Set<string>();
  for (const event of events) issueIds.add((await stores.issues.digest(event, fingerprint(event))).issue.id);
  const [first] = events;
  if (first === undefined) return null;
  const window = { project: first.project, service: first.service, issueIds: [...issueIds] };
  return stores.debounce.close({ ...window, openedAt: now, lastAt: now, dueAt: now }, now);
}
