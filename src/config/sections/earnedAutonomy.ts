import { z } from "zod";
import { configKeys, live } from "../../domain/configKey.ts";
import { Autonomy } from "../../domain/service.ts";
import { atLeastOne, DAY_MS } from "./numbers.ts";

/** The autonomy level that a service earns for a class of errors (docs/autonomy.md). Off by default. */
export const EarnedAutonomy = z.strictObject({
  enabled: z
    .boolean()
    .default(false)
    .register(configKeys, live("true: a service's level rises by what held, and falls at once on a revert")),
  heldInARow: atLeastOne()
    .default(5)
    .register(
      configKeys,
      live("Fixes that must have held in a row, without a revert, an edit or a rejection in between"),
    ),
  windowMs: atLeastOne()
    .default(90 * DAY_MS)
    .register(configKeys, live("they must have held within this time")),
  upTo: Autonomy.default("full").register(configKeys, live("the highest level that can be earned")),
});
