import type { Config } from "../config/index.ts";
import { type Fault, InvalidInputError } from "../domain/errors.ts";
import { createBrains } from "./brains.ts";
import type { World } from "./compose.ts";
import { createChannels } from "./notificationChannels.ts";

/** The part of the process's world that a configuration depends on. */
type StartWorld = Pick<World, "clock" | "log" | "secrets" | "secretOf">;

/**
 * Everything that keeps a system of this configuration from starting here: variables that it names and that are not set, a
 * model without an endpoint, a price that is missing.
 */
export function startFaults(config: Config, world: StartWorld): Fault[] {
  const { clock, log, secrets, secretOf = () => undefined } = world;
  const parts = [
    () => createChannels(config, { clock, log, secretOf }),
    () => createBrains(config, secrets, { clock }),
  ];
  return parts.flatMap(faultsOf);
}

/** Throws InvalidInputError `config` where there are any. */
export function checkStart(config: Config, world: StartWorld): void {
  const faults = startFaults(config, world);
  if (faults.length > 0) throw new InvalidInputError("config", faults);
}

/** The faults that making it brings up. What else it throws is thrown. */
function faultsOf(make: () => unknown): readonly Fault[] {
  try {
    make();
    return [];
  } catch (thrown) {
    if (thrown instanceof InvalidInputError) return thrown.faults;
    throw thrown;
  }
}
