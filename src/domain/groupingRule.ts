import { z } from "zod";
import { configKeys, live } from "./configKey.ts";

const glob = (what: string) =>
  z
    .string()
    .min(1)
    .max(512)
    .optional()
    .register(configKeys, live(`${what}; \`*\` stands for any text`));

/** A configured rule for grouping. Events that match every given pattern get the rule's fingerprint. */
export const GroupingRule = z
  .strictObject({
    type: glob("the exception's type"),
    message: glob("its message"),
    file: glob("the file of a frame of the app"),
    function: glob("the function of a frame of the app (the same frame as `file`)"),
    fingerprint: z
      .array(z.string().min(1).max(200))
      .min(1)
      .max(10)
      .register(configKeys, live("what makes the Issue: Events of rules with the same parts are one")),
  })
  .refine(
    (rule) => [rule.type, rule.message, rule.file, rule.function].some((part) => part !== undefined),
    "give at least one of type, message, file and function",
  );
export type GroupingRule = z.infer<typeof GroupingRule>;
