import { z } from "zod";
import { atStart, configKeys, live } from "../../domain/configKey.ts";
import { atLeastOne } from "./numbers.ts";

/** Size limits of uploaded source maps, and of those in a service's `sourceMapsDir`. */
export const SourceMaps = z.strictObject({
  maxMapBytes: z
    .number()
    .int()
    .positive()
    .max(64_000_000)
    .default(32_000_000)
    .register(configKeys, atStart("one source map; a larger one is refused, or its frames stay as they are")),
  maxReleaseBytes: atLeastOne()
    .default(500_000_000)
    .register(configKeys, live("all source maps of one release of a project")),
});
