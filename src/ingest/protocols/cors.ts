/** The CORS headers of a route. Any origin is allowed, because a key and no cookie identifies the client. */
export interface CorsOptions {
  allowHeaders: readonly string[];
  exposeHeaders: readonly string[];
}

/** Seconds for which a browser may cache the preflight response. */
const MAX_AGE_S = 3600;

/** The CORS headers of every response of a route. */
export function corsHeaders({ exposeHeaders }: CorsOptions): Record<string, string> {
  return { "access-control-allow-origin": "*", "access-control-expose-headers": exposeHeaders.join(", ") };
}

/** The headers of the response to a preflight request. */
export function preflightHeaders(options: CorsOptions): Record<string, string> {
  return {
    ...corsHeaders(options),
    "access-control-allow-methods": "POST",
    "access-control-allow-headers": options.allowHeaders.join(", "),
    "access-control-max-age": String(MAX_AGE_S),
  };
}
