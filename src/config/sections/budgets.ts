import { z } from "zod";
import { configKeys, live } from "../../domain/configKey.ts";
import { count } from "./numbers.ts";

/** US dollars per million tokens. */
export const Price = z.strictObject({ input: z.number().nonnegative(), output: z.number().nonnegative() });

/**
 * Limits on what models may cost. 0 means no limit. A limit in US dollars needs a price for every model that is used.
 */
export const Budgets = z.strictObject({
  maxTokensPerDay: count()
    .default(2_000_000)
    .register(configKeys, live("tokens of all services in 24 hours; 0: no limit")),
  maxTokensPerServicePerDay: count()
    .default(0)
    .register(configKeys, live("tokens of one service in 24 hours; 0: no limit")),
  maxUsdPerTicket: z
    .number()
    .nonnegative()
    .default(0)
    .register(configKeys, live("US dollars a ticket; 0: no limit; needs `prices`")),
  maxUsdPerDay: z
    .number()
    .nonnegative()
    .default(0)
    .register(configKeys, live("US dollars of all services in 24 hours; 0: no limit; needs `prices`")),
  maxUsdPerServicePerDay: z
    .number()
    .nonnegative()
    .default(0)
    .register(configKeys, live("US dollars of one service in 24 hours; 0: no limit; needs `prices`")),
});
