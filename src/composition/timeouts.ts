import type { Config } from "../config/index.ts";

/** Timeout of a node that runs no commands, milliseconds. */
export const NODE_TIMEOUT_MS = 60_000;
/** How much later than its timeout a command may end, milliseconds. */
const MARGIN_MS = 30_000;

/**
 * Milliseconds without a heartbeat after which an agent counts as stuck. Longer than the slowest test command or model
 * call.
 */
export function stuckAfter(config: Config): number {
  const command = Math.max(0, ...config.services.map((s) => s.testTimeoutMs), config.model.timeoutMs);
  return Math.max(config.escalationTimeoutMs, command + MARGIN_MS);
}

/**
 * Timeout of a node that runs a service's commands, milliseconds. A node may run the suite on base and patch, twice to
 * find flaky tests, and for many candidates.
 */
export function commandTimeout(config: Config): number {
  const slowest = Math.max(120_000, ...config.services.map((s) => s.testTimeoutMs + s.deployTimeoutMs));
  return slowest * 8;
}
