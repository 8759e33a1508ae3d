import type { Config } from "../config/index.ts";
import { type Fault, InvalidInputError } from "../domain/errors.ts";
import { createBrains } from "./brains.ts";
import type { World } from "./compose.ts";
import { createChannels } from "./notificationChannels.ts";
import { signInProviders } from "./signInProviders.ts";

/** The part of the process's world that a configuration depends on. */
type StartWorld = Pick<World, "clock" | "log" | "secrets" | "secretOf">;

/**
 * Every fault that prevents a system with this configuration from starting: a named variable that is not set, a model
 * without an endpoint, a missing price.
 */
export function startFaults(config: Config, world: StartWorld): Fault[] {
  const { clock, log, secrets, secretOf = () => undefined } = world;
  const parts = [
    () => createChannels(config, { clock, log, secretOf }),
    () => createBrains(config, secrets, { clock }),
    () => signInProviders(config, secretOf),
  ];
  return parts.flatMap(faultsOf);
}

/** Throws InvalidInputError `config` if there are any faults. */
export function checkStart(config: Config, world: StartWorld): void {
  const faults = startFaults(config, world);
  if (faults.length > 0) throw new InvalidInputError("config", faults);
}

/** The faults that `make` throws. Any other error is rethrown. */
function faultsOf(make: () => unknown): readonly Fault[] {
  try {
    make();
    return [];
  } catch (thrown) {
    if (thrown instanceof InvalidInputError) return thrown.faults;
    throw thrown;
  }
}
