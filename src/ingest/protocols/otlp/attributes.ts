import { z } from "zod";
import { optional } from "../fields.ts";

/** OTLP's `AnyValue`, a value of one of several types. It is converted to text, because an Event keeps only text. */
const AnyValue = z
  .looseObject({
    stringValue: optional(z.string()),
    boolValue: optional(z.boolean()),
    intValue: optional(z.union([z.string(), z.number()])),
    doubleValue: optional(z.union([z.number(), z.string()])),
  })
  .transform(({ stringValue, boolValue, intValue, doubleValue, ...rest }) => {
    const plain = stringValue ?? boolValue ?? intValue ?? doubleValue;
    return plain === undefined ? JSON.stringify(rest) : String(plain);
  });

const KeyValue = z.object({ key: z.string(), value: optional(AnyValue) });

/** Attributes of one record that are read besides the known ones. OpenTelemetry's own limit is 128 of one span. */
const MAX_OTHERS = 128;

/** Attributes that are read by name, wherever they are in the list. */
const KNOWN = new Set(
  "exception.type exception.message exception.stacktrace exception.escaped service.name service.version deployment.environment deployment.environment.name telemetry.sdk.language url.full url.path http.url http.target http.request.method http.method".split(
    " ",
  ),
);

export type Attributes = Record<string, string | undefined>;

/** Attributes by name. Most values are texts, which need no schema: attributes are most of an export. */
export const Attributes = optional(
  z.transform((given, context): Attributes => {
    if (!Array.isArray(given)) {
      context.issues.push({ code: "invalid_type", expected: "array", input: given });
      return z.NEVER;
    }
    const read: Attributes = {};
    let others = 0;
    for (const [index, entry] of given.entries()) {
      const { key, value } = (entry ?? {}) as { key?: unknown; value?: { stringValue?: unknown } | null };
      if (typeof key === "string" && !KNOWN.has(key) && ++others > MAX_OTHERS) continue;
      if (typeof key === "string" && typeof value?.stringValue === "string") read[key] = value.stringValue;
      else {
        const parsed = KeyValue.safeParse(entry);
        if (parsed.success) read[parsed.data.key] = parsed.data.value ?? "";
        else
          for (const issue of parsed.error.issues)
            context.issues.push({ ...issue, path: [index, ...issue.path], input: entry } as never);
      }
    }
    return read;
  }),
).transform((attributes) => attributes ?? {});

/** An id: bytes in protobuf, hex in JSON. */
export const HexId = optional(
  z.union([z.string(), z.instanceof(Uint8Array).transform((bytes) => Buffer.from(bytes).toString("hex"))]),
);

/** Nanoseconds since 1970, converted to milliseconds. 0 means unknown and becomes undefined. */
export const UnixNano = optional(
  z
    .union([z.string().regex(/^\d{1,20}$/), z.number().nonnegative()])
    .transform((nano) => Math.round(Number(nano) / 1e6)),
).transform((ms) => (ms === 0 ? undefined : ms));
