import type { CanaryReading } from "../canary.ts";
import type { Service } from "../service.ts";
import type { ProcessResult } from "./processRunner.ts";

/** What a deploy strategy is asked to put live, or to put back. */
export interface DeployOrder {
  ticketId: string;
  commit: string;
  branch: string;
  previousCommit: string;
  /** A clean checkout of the commit, readable by the deploy command. */
  dir: string;
}

export type HealthResult = { kind: "healthy" } | { kind: "unhealthy"; reason: string };

/** Where a service runs. Implementations: the service's own commands. */
export interface DeployTarget {
  /** Runs the deployment; not healthy by itself, ask `health`. */
  deploy(service: Service, order: DeployOrder, signal: AbortSignal): Promise<ProcessResult>;
  rollback(service: Service, order: DeployOrder, signal: AbortSignal): Promise<ProcessResult>;
  /** Asks until it is healthy often enough in a row, or the service's health timeout is over. */
  health(service: Service, signal: AbortSignal): Promise<HealthResult>;
  /** The commit that is live, by the service's own word; null when it cannot be told. */
  liveCommit(service: Service): Promise<string | null>;
}

/** Puts a commit live for a part of a service's traffic, and reads how that goes. */
export interface CanaryTarget {
  begin(service: Service, order: DeployOrder, signal: AbortSignal): Promise<ProcessResult>;
  /** Puts it live for all of the traffic. */
  promote(service: Service, order: DeployOrder, signal: AbortSignal): Promise<ProcessResult>;
  /** Takes the canary out: all of the traffic is the previous commit's. */
  abort(service: Service, order: DeployOrder, signal: AbortSignal): Promise<ProcessResult>;
  /** The commit that the canary runs, by the service's own word, or `none`; null when it cannot be told. */
  running(service: Service): Promise<string | null>;
  /** What the counters show now. */
  read(
    service: Service,
    commits: Pick<DeployOrder, "commit" | "previousCommit">,
    signal: AbortSignal,
  ): Promise<{ kind: "read"; reading: CanaryReading } | { kind: "unreadable"; reason: string }>;
}
