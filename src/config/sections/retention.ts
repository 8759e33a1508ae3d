import { z } from "zod";
import { configKeys, live } from "../../domain/configKey.ts";
import { atLeastOne, DAY_MS } from "./numbers.ts";

/** How long data is kept, milliseconds (docs/retention.md). */
export const Retention = z.strictObject({
  closedTicketsMs: atLeastOne()
    .default(90 * DAY_MS)
    .register(configKeys, live("closed tickets, with their thread, checkpoints and blobs")),
  checkpointsMs: atLeastOne()
    .default(14 * DAY_MS)
    .register(configKeys, live("checkpoints of closed tickets: what Studio shows of their past")),
  worktreesMs: atLeastOne().default(DAY_MS).register(configKeys, live("working trees of closed tickets")),
  eventsMs: atLeastOne()
    .default(30 * DAY_MS)
    .register(configKeys, live("Events that no open ticket needs")),
  everyMs: atLeastOne().default(3_600_000).register(configKeys, live("how often it is looked at")),
});
