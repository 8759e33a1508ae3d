/**
 * The key of a request to the native and the OTLP routes: `Authorization: Bearer`, `x-selfheal-key` or `?key=`; "" for
 * none.
 */
export function plainKey(request: Request): string {
  const bearer = /^Bearer\s{1,8}(\S{1,512})$/i.exec(request.headers.get("authorization") ?? "")?.[1];
  return bearer ?? request.headers.get("x-selfheal-key") ?? queryOf(request).get("key") ?? "";
}

/** The query of a request; empty if there is none. It does not parse the URL, so that an invalid URL does not throw. */
export function queryOf(request: Request): URLSearchParams {
  const from = request.url.indexOf("?");
  return new URLSearchParams(from < 0 ? "" : request.url.slice(from));
}
