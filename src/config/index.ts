import type { Autonomy, AutonomySetting, Policy, Service } from "../domain/service.ts";
import { type ConfigSources, loadConfig } from "./load.ts";
import type { Config } from "./schema.ts";

export { explain } from "./explain.ts";
export { createLiveConfig, type LiveConfig } from "./liveConfig.ts";
export { type ConfigSources, loadConfig, parseConfig } from "./load.ts";
export { createReloader } from "./reloader.ts";
export { Config } from "./schema.ts";
export type { NotificationChannel } from "./sections/notificationChannels.ts";

/** The configuration of a file. Throws as `loadConfig`. */
export function readConfig(file: string, env: ConfigSources["env"] = {}): Config {
  return loadConfig({ file, env }).config;
}

/** The policy that the gate decides by, for one service, at the level that counts for one of its tickets. */
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

/** The levels that are configured for a service: its own level is its own, with no severity of the global ones in it. */
export function autonomySetting(config: Config, service: Service): AutonomySetting {
  if (service.autonomy !== undefined) return { ...service.autonomyBySeverity, default: service.autonomy };
  return { ...config.autonomyBySeverity, ...service.autonomyBySeverity, default: config.autonomy };
}
