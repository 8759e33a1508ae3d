import { z } from "zod";
import { configKeys, live } from "../../domain/configKey.ts";
import { GroupingRule } from "../../domain/groupingRule.ts";
import { atLeastOne, count } from "./numbers.ts";

/** Rules that decide which Events are one Issue (docs/grouping.md). */
export const Grouping = z.strictObject({
  rules: z
    .array(GroupingRule)
    .max(200)
    .default([])
    .register(
      configKeys,
      live("your own word on which Events are one Issue; the first that matches counts (docs/grouping.md)"),
    ),
});

/** When many new Issues of a service at the same time become one ticket. */
export const Incident = z.strictObject({
  families: count()
    .default(5)
    .register(
      configKeys,
      live(
        "so many new Issues of one service within `withinMs` are one incident: one ticket, for which the others wait; 0: never",
      ),
    ),
  withinMs: atLeastOne().default(30_000).register(configKeys, live("see `families`")),
  holdMs: atLeastOne()
    .default(3_600_000)
    .register(configKeys, live("the others wait at most so long; one that still happens then has a ticket of its own")),
});
