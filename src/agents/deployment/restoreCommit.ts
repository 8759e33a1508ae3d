import type { Deployment } from "../../domain/deployment.ts";
import { messageOf } from "../../domain/errors.ts";
import { describeEnd } from "../../domain/evidence.ts";
import { plainText } from "../../domain/plainText.ts";
import type { DeployTarget } from "../../domain/ports/deployTarget.ts";
import type { ProcessResult } from "../../domain/ports/processRunner.ts";
import type { Service } from "../../domain/service.ts";
import type { DeploymentDeps } from "./deps.ts";

type Deps = Pick<DeploymentDeps, "workspaces" | "target">;

/**
 * Restores the previous commit from a checkout of it, and checks that it is healthy. Returns null, or what went wrong.
 * `run`: the command to use (default: roll back). `expect`: the commit that must be live then (default: the previous
 * one).
 */
export async function restoreCommit(
  deps: Deps,
  service: Service,
  deployment: Deployment,
  signal: AbortSignal,
  { run, expect }: { run?: DeployTarget["rollback"]; expect?: string } = {},
): Promise<string | null> {
  const { ticketId, commit, previousCommit, branch } = deployment;
  try {
    const { dir } = await deps.workspaces.open(service, ticketId, previousCommit);
    const result = await (run ?? deps.target.rollback)(
      service,
      { ticketId, commit, previousCommit, branch, dir },
      signal,
    );
    signal.throwIfAborted();
    return failureOf("the roll back", result) ?? (await whyUnhealthy(deps, service, expect ?? previousCommit, signal));
  } catch (error) {
    signal.throwIfAborted();
    return messageOf(error);
  }
}

/** Why `commit` is not live and healthy; null: nothing speaks against it. */
export async function whyUnhealthy(
  deps: Pick<Deps, "target">,
  service: Service,
  commit: string,
  signal: AbortSignal,
): Promise<string | null> {
  const health = await deps.target.health(service, signal);
  if (health.kind === "unhealthy") return `unhealthy: ${health.reason}`;
  const live = await deps.target.liveCommit(service);
  return live === null || live === commit ? null : `${live.slice(0, 12)} is live instead of ${commit.slice(0, 12)}`;
}

/** How a command failed, with its last line of output; null: it ended with exit code 0. */
export function failureOf(what: string, { end, stdout, stderr }: ProcessResult): string | null {
  if (end.kind === "exit" && end.code === 0) return null;
  const said = plainText(stderr.trim() === "" ? stdout : stderr).trim();
  const last = said.split("\n").at(-1)?.slice(0, 200) ?? "";
  return `${what} failed (${describeEnd(end)})${last === "" ? "" : `: ${last}`}`;
}
