import type { Config } from "../config/index.ts";

/** Milliseconds that a node may take if it runs no commands. */
export const NODE_TIMEOUT_MS = 60_000;
/** Milliseconds by which a command that is stopped at its timeout may be late. */
const MARGIN_MS = 30_000;

/** Milliseconds without a heartbeat after which an agent counts as stuck: longer than the slowest command or model call. */
export function stuckAfter(config: Config): number {
  const command = Math.max(0, ...config.services.map((s) => s.testTimeoutMs), config.model.timeoutMs);
  return Math.max(config.escalationTimeoutMs, command + MARGIN_MS);
}

/** Milliseconds for a node that runs a service's commands: suites on base and patch, twice for flakes, many candidates. */
export function commandTimeout(config: Config): number {
  const slowest = Math.max(120_000, ...config.services.map((s) => s.testTimeoutMs + s.deployTimeoutMs));
  return slowest * 8;
}
