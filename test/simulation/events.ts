import type { CapturedEvent, Level, TrustTier } from "../../src/domain/event.ts";
import { digestOf } from "../../src/domain/patch.ts";
import { buildEvent } from "../helpers/eventBuilder.ts";
import { APP } from "./source.ts";
import type { World } from "./world.ts";

export interface Crash {
  service: string;
  /** Which of the service's bugs. */
  bug: number;
  tier: TrustTier;
  level: Level;
}

/** An app reports an exception; it is in the spool, or it was never acknowledged. */
export function report(world: World, { service, bug, tier, level }: Crash): void {
  const now = world.time.now();
  const event: CapturedEvent = buildEvent({
    id: digestOf(`${now} ${world.random.below(2 ** 31)}`).slice(0, 32),
    project: "sim",
    service,
    level,
    handled: level !== "fatal" && level !== "error",
    trustTier: tier,
    timestamp: now,
    receivedAt: now,
    exception: {
      type: "TypeError",
      value: "Cannot read properties of undefined (reading 'name')",
      frames: [{ file: APP, function: `f${bug}`, line: bug + 1, column: 30, inApp: true }],
    },
  });
  void world.process.stores.spool.append([event]).catch(() => world.note("an event could not be taken"));
}
