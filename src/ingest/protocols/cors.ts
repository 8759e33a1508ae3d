/** What pages of other origins may do with a route; any origin may, since a key and no cookie says who it is. */
export interface CorsOptions {
  allowHeaders: readonly string[];
  exposeHeaders: readonly string[];
}

/** Seconds for which a browser may remember it. */
const MAX_AGE_S = 3600;

/** The headers of every answer of a route. */
export function corsHeaders({ exposeHeaders }: CorsOptions): Record<string, string> {
  return { "access-control-allow-origin": "*", "access-control-expose-headers": exposeHeaders.join(", ") };
}

/** The headers of the answer to a browser that asks before it sends. */
export function preflightHeaders(options: CorsOptions): Record<string, string> {
  return {
    ...corsHeaders(options),
    "access-control-allow-methods": "POST",
    "access-control-allow-headers": options.allowHeaders.join(", "),
    "access-control-max-age": String(MAX_AGE_S),
  };
}
