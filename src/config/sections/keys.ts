import { z } from "zod";
import { configKeys, live } from "../../domain/configKey.ts";
import { TrustTier } from "../../domain/event.ts";

/** A key that clients send, given as exactly one of `key` and `keyHash` (SHA-256, hex). */
export const IngestKey = z
  .strictObject({
    key: z
      .string()
      .min(8)
      .optional()
      .register(configKeys, live("the key itself; or give `keyHash`", { secret: "whole" })),
    keyHash: z
      .string()
      .regex(/^[0-9a-f]{64}$/, "give the SHA-256 of the key: 64 hex digits, lower case")
      .optional()
      .register(configKeys, live('the SHA-256 of the key, hex: `printf %s "$KEY" | sha256sum`', { secret: "whole" })),
    project: z.string().min(1).register(configKeys, live("the project whose Events it may send")),
    tier: TrustTier.exclude(["T3"])
      .default("T0")
      .register(
        configKeys,
        live(
          "how far its Events are trusted: `T0` public (browsers) · `T1` secret (servers) · `T2` secret, and every request is signed with it (docs/events.md)",
        ),
      ),
    allowInUrl: z
      .boolean()
      .default(false)
      .register(
        configKeys,
        live(
          "whether a `T1` key may stand in a URL, where proxies log it: `?key=`, or `?sentry_key=` as Sentry's JavaScript SDKs write it. A `T0` key always may",
        ),
      ),
    service: z
      .string()
      .min(1)
      .optional()
      .register(configKeys, live("the service of its Events that name none; default: the project's only one")),
  })
  .refine((k) => k.tier !== "T2" || k.key !== undefined, "a T2 key signs: give key, a hash cannot check signatures")
  .refine((k) => (k.key === undefined) !== (k.keyHash === undefined), "give exactly one of key and keyHash");
