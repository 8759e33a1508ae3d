import type { Autonomy, AutonomySetting, Policy, Service } from "../domain/service.ts";
import { type ConfigSources, loadConfig } from "./load.ts";
import type { Config } from "./schema.ts";

export { createLiveConfig, type LiveConfig } from "./liveConfig.ts";
export { type ConfigSources, loadConfig, parseConfig } from "./load.ts";
export { createReloader } from "./reloader.ts";
export { Config } from "./schema.ts";
export type { NotificationChannel } from "./sections/notificationChannels.ts";
export { explain } from "./valueOrigins.ts";

/** Reads the configuration of a file. Throws like `loadConfig`. */
export function readConfig(file: string, env: ConfigSources["env"] = {}): Config {
  return loadConfig({ file, env }).config;
}

/** The policy of the gate for one service, at the autonomy level of one of its tickets. */
export function policyFor(config: Config, service: Service, autonomy: Autonomy): Policy {
  return {
    autonomy,
    autoDeploySeverity: config.autoDeploySeverity,
    requireTestsPass: config.requireTestsPass,
    autoDeployConstructed: config.autoDeployConstructed,
    requireCoverage: config.requireCoverage,
    approvePlan: config.approvePlan,
    maxAutoDeploysPerHour: config.maxAutoDeploysPerHour,
    maxAutoDeploysPerDay: config.maxAutoDeploysPerDay,
    maxFiles: config.maxFiles,
    maxLines: config.maxLines,
    sandboxForAuto: config.sandboxForAuto,
    maxTokensPerTicket: config.maxTokensPerTicket,
    protectedPaths: service.protectedPaths,
  };
}

/**
 * The configured levels of a service. If the service sets its own level, the global levels per severity do not apply to
 * it.
 */
export function autonomySetting(config: Config, service: Service): AutonomySetting {
  if (service.autonomy !== undefined) return { ...service.autonomyBySeverity, default: service.autonomy };
  return { ...config.autonomyBySeverity, ...service.autonomyBySeverity, default: config.autonomy };
}
