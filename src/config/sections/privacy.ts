import { z } from "zod";
import { configKeys, live } from "../../domain/configKey.ts";
import { PersonalData } from "../../domain/privacy.ts";
import { patternFault } from "../safePattern.ts";

const ScrubPattern = z
  .strictObject({
    name: z
      .string()
      .max(20)
      .regex(/^[a-z]+(?:-[a-z]+)*$/, "small letters and dashes only")
      .register(configKeys, live("what stands in place of the text: `[scrubbed:name]`")),
    pattern: z
      .string()
      .min(1)
      .max(200)
      .register(
        configKeys,
        live("a regular expression, without slashes; must take linear time on any text, which is checked"),
      ),
    ignoreCase: z.boolean().default(false).register(configKeys, live("whether capitals do not matter")),
  })
  .superRefine(({ pattern, ignoreCase }, context) => {
    const fault = pattern.length > 200 ? null : patternFault(pattern, ignoreCase);
    if (fault !== null) context.addIssue({ code: "custom", path: ["pattern"], message: fault });
  });

/** What ingest removes from Events before they are stored (docs/privacy.md). */
export const Privacy = z.strictObject({
  denyKeys: z
    .array(z.string().min(1).max(128))
    .max(500)
    .default([])
    .register(
      configKeys,
      live(
        "names of tags, headers, context, variables and JSON fields whose values are never kept, beside the built-in ones",
      ),
    ),
  patterns: z
    .array(ScrubPattern)
    .max(50)
    .default([])
    .register(
      configKeys,
      live("texts of your own that are never kept, as regular expressions: replaced by `[scrubbed:name]`"),
    ),
  emails: PersonalData.default("drop").register(
    configKeys,
    live("e-mail addresses: `keep`, `mask` (only the domain stays: `[email:example.org]`) or `drop`"),
  ),
  ipAddresses: PersonalData.default("drop").register(
    configKeys,
    live("IP addresses: `keep`, `mask` (the network stays: IPv4 /24, IPv6 /48) or `drop`"),
  ),
});
