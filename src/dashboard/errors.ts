import type { Context } from "hono";
import type { ContentfulStatusCode } from "hono/utils/http-status";
import type { Fault } from "../domain/errors.ts";

/** The one shape of an error on the wire: `{error: {code, message, faults?}}`. */
export function jsonError(
  c: Context,
  status: ContentfulStatusCode,
  code: string,
  message: string,
  faults?: readonly Fault[],
): Response {
  return c.json({ error: { code, message, ...(faults === undefined ? {} : { faults }) } }, status);
}

/** A browser that navigates, as opposed to a program. */
export function wantsHtml(c: Context): boolean {
  return (c.req.header("accept") ?? "").includes("text/html");
}
