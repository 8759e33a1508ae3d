import type { CanaryReading } from "../canary.ts";
import type { Service } from "../service.ts";
import type { ProcessResult } from "./processRunner.ts";

/** The parameters of a deployment or a rollback. */
export interface DeployOrder {
  ticketId: string;
  commit: string;
  branch: string;
  previousCommit: string;
  /** A clean checkout of `commit`, readable by the deploy command. */
  dir: string;
}

/** The outcome of a health check. */
export type HealthResult = { kind: "healthy" } | { kind: "unhealthy"; reason: string };

/** Where a service runs. The shipped implementation runs the service's own commands. */
export interface DeployTarget {
  /** Runs the deployment. A successful result does not mean that the service is healthy; call `health`. */
  deploy(service: Service, order: DeployOrder, signal: AbortSignal): Promise<ProcessResult>;
  /** Puts `previousCommit` live again. */
  rollback(service: Service, order: DeployOrder, signal: AbortSignal): Promise<ProcessResult>;
  /** Checks repeatedly until enough checks in a row pass, or until the service's health timeout is over. */
  health(service: Service, signal: AbortSignal): Promise<HealthResult>;
  /** The commit that the service reports as live; null when it is unknown. */
  liveCommit(service: Service): Promise<string | null>;
}

/** Puts a commit live for a part of a service's traffic, and reads its request and error counters. */
export interface CanaryTarget {
  /** Puts the commit live for a part of the traffic. */
  begin(service: Service, order: DeployOrder, signal: AbortSignal): Promise<ProcessResult>;
  /** Puts the commit live for all of the traffic. */
  promote(service: Service, order: DeployOrder, signal: AbortSignal): Promise<ProcessResult>;
  /** Removes the canary: the previous commit gets all of the traffic again. */
  abort(service: Service, order: DeployOrder, signal: AbortSignal): Promise<ProcessResult>;
  /** The commit that the service reports for its canary, or `none`; null when it is unknown. */
  running(service: Service): Promise<string | null>;
  /** Reads the current counters of canary and baseline. */
  read(
    service: Service,
    commits: Pick<DeployOrder, "commit" | "previousCommit">,
    signal: AbortSignal,
  ): Promise<{ kind: "read"; reading: CanaryReading } | { kind: "unreadable"; reason: string }>;
}
