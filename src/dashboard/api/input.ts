import type { Context } from "hono";
import { z } from "zod";
import type { AccessEnv } from "../access/caller.ts";
import { jsonError } from "../errorResponses.ts";

export const Limit = z.coerce.number().int().positive().max(1000).default(200);

/** Calls `then` with the input if it fits the schema; else answers 400 with everything that is wrong. */
export async function withInput<T>(
  c: Context<AccessEnv>,
  schema: z.ZodType<T>,
  input: unknown,
  then: (value: T) => Promise<Response>,
): Promise<Response> {
  const parsed = schema.safeParse(input);
  if (parsed.success) return then(parsed.data);
  const faults = parsed.error.issues.map((i) => ({ path: i.path.join("."), message: i.message }));
  const text = faults.map((f) => (f.path === "" ? f.message : `${f.path}: ${f.message}`)).join("; ");
  return jsonError(c, 400, "invalid", text, faults);
}

/** Removes keys with the value undefined, which the stores' filters do not accept. */
export function given<T extends object>(filter: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(filter).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]: Exclude<T[K], undefined>;
  };
}

/** The parsed JSON body. Invalid JSON gives undefined; an empty body gives {}. */
export async function bodyOf(c: Context<AccessEnv>): Promise<unknown> {
  const text = await c.req.text();
  if (text.trim() === "") return {};
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
