import { access } from "node:fs/promises";
import { fileErrorCode } from "../domain/errors.ts";
import type { AuditLog } from "../domain/ports/auditLog.ts";
import { PAUSED_KEY, type Settings } from "../domain/ports/settings.ts";

/**
 * Stops new work; work under way ends safely. Each of the four ways is enough: configuration, environment, file,
 * button.
 */
export interface KillSwitch {
  /** Why the switch is on, in words; null: off. Read right before every effect, so that it works at once. */
  reason(): Promise<string | null>;
}

/** A kill switch whose ways without the button can be read separately. */
export interface WatchedKillSwitch extends KillSwitch {
  /** Like `reason`, but only configuration, environment and file: the button audits its own changes. */
  outside(): Promise<string | null>;
}

export interface KillSwitchDeps {
  /** `enabled` of the configuration. */
  enabled: () => boolean;
  /** Whether SELFHEAL_PAUSED is set for the process. */
  environment: boolean;
  /** Path of a file; while it exists, the switch is on. */
  file: string;
  settings: Settings;
}

/** Creates the kill switch from its four ways. The button's state is in the settings. */
export function createKillSwitch({ enabled, environment, file, settings }: KillSwitchDeps): WatchedKillSwitch {
  const outside = async () => {
    if (!enabled()) return "enabled is false in the configuration";
    if (environment) return "SELFHEAL_PAUSED is set";
    return (await isThere(file)) ? `the file ${file} is there` : null;
  };
  return {
    outside,
    reason: async () =>
      (await outside()) ?? ((await settings.get(PAUSED_KEY)) === "true" ? "it was paused by a person" : null),
  };
}

/** A file that cannot be checked counts as present: a process that cannot read the switch must not run past it. */
async function isThere(file: string): Promise<boolean> {
  try {
    await access(file);
    return true;
  } catch (thrown) {
    return fileErrorCode(thrown) !== "ENOENT";
  }
}

/** Settings key of the last audited reason without the button. */
const AUDITED_KEY = "paused.said";

/**
 * Audits every change of the switch that was made without the button, once. Notifications follow from the audit entry.
 */
export async function auditKillSwitch(
  killSwitch: Pick<WatchedKillSwitch, "outside">,
  { settings, audit }: { settings: Settings; audit: AuditLog },
): Promise<void> {
  const why = (await killSwitch.outside()) ?? "";
  const said = (await settings.get(AUDITED_KEY)) ?? "";
  if (why === said) return;
  const facts = { why: why === "" ? `no more: ${said}` : why };
  await audit.append({ kind: why === "" ? "system.resumed" : "system.paused", actor: "system", facts });
  await settings.set(AUDITED_KEY, why);
}
