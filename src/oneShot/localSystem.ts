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

/** The world of a run without a server. Its signal aborts the run. */
export type LocalWorld = World & { signal?: AbortSignal };

/**
 * Builds the whole system over a temporary data folder and one repository, which is only read, and deletes the folder
 * after `use`. What `use` throws is thrown; `settled` throws SelfhealError `interrupted` after an abort.
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
    // Retries, because a stopped command may still be writing.
    rmSync(dataDir, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
  }
}

/** Resolves once no run executes. Throws SelfhealError `interrupted` when the signal was aborted. */
export async function settled(runner: DirectRunner, { signal }: LocalWorld): Promise<void> {
  await runner.idle();
  if (signal?.aborted === true)
    throw new SelfhealError("interrupted", "interrupted; nothing was changed, and nothing is left behind");
}

function configFor(request: LocalRequest, dataDir: string) {
  const { repo, root, reproduceCommand, testCommand, setupCommand, testTimeoutMs } = request;
  return parseConfig({
    dataDir,
    // A patch is only proposed: nothing is deployed and no person is asked.
    autonomy: "assist",
    // Accepts Events of any age, because the user asks about them on purpose.
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

/** Reads a payload as a scrubbed Event of the repository's only service, or returns its faults. */
export function readLocalEvent(wire: unknown, repo: string, now: number): Normalized {
  const newId = () => randomBytes(16).toString("hex");
  const defaultService = serviceName(repo);
  const read = normalizeEvent(wire, { project: "local", tier: "T3", receivedAt: now, defaultService, newId });
  if (read.kind === "invalid") return read;
  // The payload's own service name is ignored: there is one repository.
  return { kind: "event", event: scrub({ ...read.event, service: defaultService }) };
}

/** Takes the same path as every Event, without the debounce. Returns one Batch over all Issues; null without events. */
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
