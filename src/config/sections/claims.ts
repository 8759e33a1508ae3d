import { z } from "zod";
import { configKeys, live } from "../../domain/configKey.ts";
import { atLeastOne, count, DAY_MS } from "./numbers.ts";

/** The checks before work on a ticket starts (docs/claims.md). */
export const Claims = z.strictObject({
  enabled: z.boolean().default(true).register(configKeys, live("false: work starts without looking")),
  quietForMs: count()
    .default(14 * DAY_MS)
    .register(
      configKeys,
      live("a ticket whose newest Event is older is not worked on unless it happens again; 0: never too old"),
    ),
  suppressForMs: atLeastOne()
    .default(30 * DAY_MS)
    .register(configKeys, live("a dismissed Issue is left alone this long")),
  branchesWithinMs: count()
    .default(14 * DAY_MS)
    .register(
      configKeys,
      live("unmerged branches younger than this that touch the same lines mean that somebody is at work"),
    ),
});
