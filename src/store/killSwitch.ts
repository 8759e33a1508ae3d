import { access } from "node:fs/promises";
import type { Settings } from "../domain/ports.ts";
import { fileErrorCode } from "./atomicFile.ts";

/** Where the button's state is kept. */
export const PAUSED_KEY = "paused";

/** Stops what is new; what is under way ends safely. Any one of its four ways is enough. */
export interface KillSwitch {
  /** Why it is on, in words; null when it is off. Asked right before every effect, so it works at once. */
  reason(): Promise<string | null>;
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

export function createKillSwitch({ enabled, environment, file, settings }: KillSwitchDeps): KillSwitch {
  return {
    reason: async () => {
      if (!enabled()) return "enabled is false in the configuration";
      if (environment) return "SELFHEAL_PAUSED is set";
      if (await isThere(file)) return `the file ${file} is there`;
      return (await settings.get(PAUSED_KEY)) === "true" ? "it was paused by a person" : null;
    },
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
