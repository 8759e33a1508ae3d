import { messageOf } from "../domain/errors.ts";
import { describeEnd } from "../domain/evidence.ts";
import type { Clock } from "../domain/ports/clock.ts";
import type { HealthResult } from "../domain/ports/deployTarget.ts";
import type { ProcessRunner } from "../domain/ports/processRunner.ts";
import type { Service } from "../domain/service.ts";

/** Timeout of one check, milliseconds, however much time is left: a service that hangs is not healthy. */
const CHECK_TIMEOUT_MS = 5000;

/** What `untilHealthy` needs. */
export interface HealthDeps {
  processes: ProcessRunner;
  clock: Clock;
  sleep(ms: number, signal: AbortSignal): Promise<void>;
}

type Health = NonNullable<Service["health"]>;

/**
 * Checks until `health.passes` checks in a row pass, or `health.timeoutMs` is over. If both a URL and a command are
 * configured, both must pass. A service without a health check counts as healthy. Throws the signal's reason on abort.
 */
export async function untilHealthy(deps: HealthDeps, service: Service, signal: AbortSignal): Promise<HealthResult> {
  const { health } = service;
  if (health === undefined) return { kind: "healthy" };
  const until = deps.clock.now() + health.timeoutMs;
  let inARow = 0;
  let fault: string | null = null;
  for (;;) {
    signal.throwIfAborted();
    const left = until - deps.clock.now();
    if (left <= 0) break;
    const found = await check(deps, service, health, Math.min(left, CHECK_TIMEOUT_MS), signal);
    inARow = found === null ? inARow + 1 : 0;
    if (inARow >= health.passes) return { kind: "healthy" };
    // A check that the deadline cut off gives no new information: the earlier fault is the better reason.
    if (fault === null || deps.clock.now() < until)
      fault = found ?? `healthy only ${inARow} of ${health.passes} times in a row`;
    await deps.sleep(Math.min(health.intervalMs, Math.max(0, until - deps.clock.now())), signal);
  }
  return { kind: "unhealthy", reason: `${fault ?? "it was not asked"} (after ${health.timeoutMs} ms)` };
}

/** The fault, or null if the check passes. */
async function check(
  deps: HealthDeps,
  service: Service,
  health: Health,
  timeoutMs: number,
  signal: AbortSignal,
): Promise<string | null> {
  const byUrl = health.url === undefined ? null : await askUrl(health.url, timeoutMs, signal);
  if (byUrl !== null || health.command === undefined) return byUrl;
  const { end } = await deps.processes.run({
    command: health.command,
    cwd: service.repo,
    timeoutMs,
    env: { SELFHEAL_SERVICE: service.name },
    signal,
  });
  return end.kind === "exit" && end.code === 0 ? null : `the health command: ${describeEnd(end)}`;
}

/** A redirect fails: it may lead to a login form that always answers. */
async function askUrl(url: string, timeoutMs: number, signal: AbortSignal): Promise<string | null> {
  try {
    const either = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]);
    const response = await fetch(url, { redirect: "manual", signal: either });
    await response.body?.cancel();
    return response.ok ? null : `${url} answered ${response.status}`;
  } catch (error) {
    signal.throwIfAborted();
    const cause = error instanceof Error && error.cause !== undefined ? `: ${messageOf(error.cause)}` : "";
    return `${url} did not answer: ${messageOf(error)}${cause}`;
  }
}
