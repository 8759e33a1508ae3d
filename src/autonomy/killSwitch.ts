import { access } from "node:fs/promises";
import { fileErrorCode } from "../domain/errors.ts";
import type { AuditLog } from "../domain/ports/auditLog.ts";
import { PAUSED_KEY, type Settings } from "../domain/ports/settings.ts";

/** Stops what is new; what is under way ends safely. Any one of its four ways is enough. */
export interface KillSwitch {
  /** Why it is on, in words; null when it is off. Asked right before every effect, so it works at once. */
  reason(): Promise<string | null>;
}

/** One whose other ways can be looked at by themselves. */
export interface WatchedKillSwitch extends KillSwitch {
  /** The same without the button, which says so itself: by configuration, environment or file. */
  outside(): Promise<string | null>;
}

export interface KillSwitchDeps {
  /** The configuration's `enabled`. */
  enabled: () => boolean;
  /** SELFHEAL_PAUSED of the process. */
  environment: boolean;
  /** While this file is there, it is on. */
  file: string;
  settings: Settings;
}

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

/** A file that cannot be looked at counts as there: who cannot see the switch does not run past it. */
async function isThere(file: string): Promise<boolean> {
  try {
    await access(file);
    return true;
  } catch (thrown) {
    return fileErrorCode(thrown) !== "ENOENT";
  }
}

/** What was said last about the ways without a button. */
const SAID_KEY = "paused.said";

/** Puts on record, once a change, that the switch was set or taken away without its button; people are told from there. */
export async function auditKillSwitch(
  killSwitch: Pick<WatchedKillSwitch, "outside">,
  { settings, audit }: { settings: Settings; audit: AuditLog },
): Promise<void> {
  const why = (await killSwitch.outside()) ?? "";
  const said = (await settings.get(SAID_KEY)) ?? "";
  if (why === said) return;
  const facts = { why: why === "" ? `no more: ${said}` : why };
  await audit.append({ kind: why === "" ? "system.resumed" : "system.paused", actor: "system", facts });
  await settings.set(SAID_KEY, why);
}
