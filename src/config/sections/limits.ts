import { z } from "zod";
import { atStart, configKeys, live } from "../../domain/configKey.ts";
import { atLeastOne, count } from "./numbers.ts";

/** A share of a whole, above 0 and up to 1. */
const share = (byDefault: number) => z.number().positive().max(1).default(byDefault);

/** Limits of ingest: the size and rate of requests, and how many Events may wait (backpressure). */
export const Limits = z.strictObject({
  maxBodyBytes: atLeastOne()
    .default(1_000_000)
    .register(
      configKeys,
      atStart("a request's body, or a message of a stream, decompressed; one event of an envelope"),
    ),
  maxEnvelopeBytes: atLeastOne()
    .default(5_000_000)
    .register(configKeys, atStart("a whole Sentry envelope, attachments included, decompressed")),
  maxItemsPerEnvelope: atLeastOne().default(100).register(configKeys, live("items of one Sentry envelope")),
  maxDepth: z.number().int().positive().max(64).default(32).register(configKeys, live("nesting of its JSON")),
  maxValues: atLeastOne().default(100_000).register(configKeys, live("members and elements of its JSON")),
  maxEventsPerRequest: atLeastOne().default(100).register(configKeys, live("Events in one request")),
  maxBytesInFlight: atLeastOne()
    .default(64_000_000)
    .register(configKeys, atStart("bytes of all requests and streams that are being read; what is over gets a 429")),
  eventsPerMinutePerKey: atLeastOne()
    .default(6000)
    .register(configKeys, atStart("Events of one key; what is over gets a 429")),
  requestsPerMinutePerAddress: atLeastOne()
    .default(6000)
    .register(
      configKeys,
      atStart("requests of one address, with or without a key; one with a wrong key counts ten times"),
    ),
  cpuSharePerPublicKey: share(0.15).register(
    configKeys,
    live("share of one CPU core for the Events of one T0 key, over ten seconds; what is over gets a 429"),
  ),
  cpuShareOfPublicKeys: share(0.25).register(
    configKeys,
    live("the same for all T0 keys together, so that ten public keys are not ten times as much"),
  ),
  cpuSharePerSecretKey: share(0.5).register(configKeys, live("the same for one T1 or T2 key")),
  maxSpool: atLeastOne()
    .default(100_000)
    .register(
      configKeys,
      atStart("Events that wait to be digested: from half of it clients are asked to send less, over it a 429"),
    ),
  maxSpoolBytes: atLeastOne().default(1_000_000_000).register(configKeys, atStart("the same, in bytes")),
  minFreeDiskBytes: count()
    .default(500_000_000)
    .register(
      configKeys,
      atStart("with less free disk, Events of known families are only counted; below a quarter of it nothing is taken"),
    ),
  maxConnections: atLeastOne()
    .default(1000)
    .register(configKeys, atStart("open connections; further ones are refused")),
  maxConnectionsPerAddress: atLeastOne()
    .default(250)
    .register(configKeys, atStart("open connections of one address that is not among `trustedProxies`")),
  trustedProxies: z
    .array(z.union([z.ipv4(), z.ipv6(), z.cidrv4(), z.cidrv6()]))
    .default(["127.0.0.1", "::1"])
    .register(
      configKeys,
      atStart(
        "addresses and networks of reverse proxies, whose `X-Forwarded-For` says who asks; they may open any number of connections",
      ),
    ),
});
