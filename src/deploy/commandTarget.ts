import { resolve } from "node:path";
import { isCommitId } from "../domain/ids.ts";
import type { Clock } from "../domain/ports/clock.ts";
import type { CanaryTarget, DeployOrder, DeployTarget } from "../domain/ports/deployTarget.ts";
import type { ProcessResult, ProcessRunner } from "../domain/ports/processRunner.ts";
import type { Service } from "../domain/service.ts";
import { createCanaryMetrics } from "./canaryMetrics.ts";
import { type HealthDeps, untilHealthy } from "./healthCheck.ts";
import { createOrphans } from "./orphanedCommands.ts";

/** Timeout of a `liveCommand`, milliseconds. */
const LIVE_TIMEOUT_MS = 15_000;

/** What `createCommandTarget` needs. */
export interface CommandTargetDeps {
  processes: ProcessRunner;
  /** The folder for the start, fence and output files of running commands. */
  dir: string;
  clock: Clock;
  /** Resolves after `ms`; rejects with the signal's reason on abort. */
  sleep: HealthDeps["sleep"];
}

/**
 * A service that is deployed by its own shell commands. They receive SELFHEAL_TICKET, SELFHEAL_SERVICE,
 * SELFHEAL_COMMIT, SELFHEAL_PREVIOUS_COMMIT, SELFHEAL_BRANCH and SELFHEAL_RELEASE_DIR. The release folder is a clean
 * checkout that exists only while the command runs: a command must copy what it needs.
 */
export function createCommandTarget(deps: CommandTargetDeps): DeployTarget & { canaries: CanaryTarget } {
  const { processes } = deps;
  const orphans = createOrphans(deps);
  const run = async (command: string | undefined, service: Service, order: DeployOrder, signal: AbortSignal) => {
    if (command === undefined) return unstartable(`service "${service.name}" has no such command`);
    const attempt = await orphans.begin(service.name, service.deployTimeoutMs, signal);
    if (attempt === null) return unstartable("a command that was begun before still runs");
    try {
      const result = await processes.run({
        command: attempt.wrap(command),
        cwd: resolve(order.dir, service.root),
        timeoutMs: service.deployTimeoutMs,
        env: { ...environmentOf(service, order), ...attempt.env },
        signal,
      });
      return { ...result, ...(await attempt.output()) };
    } finally {
      await attempt.done();
    }
  };
  /**
   * The output of a command that reports what is live; null when the command fails or its answer cannot be trusted now.
   */
  const reported = async (command: string | undefined, service: Service): Promise<string | null> => {
    if (command === undefined) return null;
    // While a command of a killed selfheal still runs, the live commit may change at any moment.
    if (!(await orphans.quiet(service.name, service.deployTimeoutMs, new AbortController().signal))) return null;
    const env = { SELFHEAL_SERVICE: service.name };
    const { end, stdout } = await processes.run({ command, cwd: service.repo, timeoutMs: LIVE_TIMEOUT_MS, env });
    return end.kind === "exit" && end.code === 0 ? stdout.trim().toLowerCase() : null;
  };
  const rollback: DeployTarget["rollback"] = (service, order, signal) =>
    service.rollbackCommand === undefined
      ? run(service.deployCommand, service, turned(order), signal)
      : run(service.rollbackCommand, service, order, signal);
  return {
    deploy: (service, order, signal) => run(service.deployCommand, service, order, signal),
    rollback,
    health: (service, signal) => untilHealthy(deps, service, signal),
    liveCommit: async (service) => commitIn(await reported(service.liveCommand, service)),
    canaries: {
      ...createCanaryMetrics(processes),
      begin: (service, order, signal) => run(service.canary?.command, service, order, signal),
      promote: (service, order, signal) =>
        run(service.canary?.promoteCommand ?? service.deployCommand, service, order, signal),
      abort: (service, order, signal) =>
        service.canary?.abortCommand === undefined
          ? rollback(service, order, signal)
          : run(service.canary.abortCommand, service, order, signal),
      running: async (service) => {
        const said = await reported(service.canary?.liveCommand, service);
        return said === "none" ? said : commitIn(said);
      },
    },
  };
}

/** The order for deploying the previous commit again. It names no branch: the Patch's branch would deploy the Patch. */
function turned(order: DeployOrder): DeployOrder {
  return { ...order, commit: order.previousCommit, previousCommit: order.commit, branch: "" };
}

function environmentOf(service: Service, order: DeployOrder): Record<string, string> {
  return {
    SELFHEAL_TICKET: order.ticketId,
    SELFHEAL_SERVICE: service.name,
    SELFHEAL_COMMIT: order.commit,
    SELFHEAL_PREVIOUS_COMMIT: order.previousCommit,
    SELFHEAL_BRANCH: order.branch,
    SELFHEAL_RELEASE_DIR: order.dir,
  };
}

/** The full commit id that a command printed; null for any other output. */
function commitIn(said: string | null): string | null {
  return said !== null && isCommitId(said) ? said : null;
}

function unstartable(reason: string): ProcessResult {
  return { end: { kind: "unstartable", reason }, stdout: "", stderr: "", durationMs: 0 };
}
