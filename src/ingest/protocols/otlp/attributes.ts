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

/** Attributes by name. */
export const Attributes = optional(z.array(z.object({ key: z.string(), value: optional(AnyValue) }))).transform(
  (list) =>
    Object.fromEntries((list ?? []).map(({ key, value }) => [key, value ?? ""])) as Record<string, string | undefined>,
);
export type Attributes = Record<string, string | undefined>;

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
