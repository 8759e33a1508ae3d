import type { Context } from "hono";
import type { ContentfulStatusCode } from "hono/utils/http-status";
import type { Fault } from "../domain/errors.ts";

/** Every error response has this shape: `{error: {code, message, faults?}}`. */
export function jsonError(
  c: Context,
  status: ContentfulStatusCode,
  code: string,
  message: string,
  faults?: readonly Fault[],
): Response {
  return c.json({ error: { code, message, ...(faults === undefined ? {} : { faults }) } }, status);
}

/** Whether a browser navigates (it accepts HTML), as opposed to a program. */
export function wantsHtml(c: Context): boolean {
  return (c.req.header("accept") ?? "").includes("text/html");
}
