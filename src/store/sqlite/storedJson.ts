import type { z } from "zod";
import { messageOf, SelfhealError } from "../../domain/errors.ts";

/** Parses and validates a stored JSON text. Throws SelfhealError `storage` with the names of the row and the field. */
export function readStored<T>(schema: z.ZodType<T>, json: string, what: string): T {
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch (cause) {
    throw new SelfhealError("storage", `${what} is not JSON: ${messageOf(cause)}`, { cause });
  }
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const [first] = parsed.error.issues;
  throw new SelfhealError("storage", `${what}: ${first?.path.join(".") ?? ""}: ${first?.message ?? "unreadable"}`, {
    cause: parsed.error,
  });
}
