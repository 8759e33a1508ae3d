/** The key of a request to selfheal's own and to OTLP's routes: `Authorization: Bearer`, `x-selfheal-key` or `?key=`; "" for none. */
export function plainKey(request: Request): string {
  const bearer = /^Bearer\s{1,8}(\S{1,512})$/i.exec(request.headers.get("authorization") ?? "")?.[1];
  return bearer ?? request.headers.get("x-selfheal-key") ?? queryOf(request).get("key") ?? "";
}

/** The query of a request; nothing of an address that cannot be parsed. */
export function queryOf(request: Request): URLSearchParams {
  const from = request.url.indexOf("?");
  return new URLSearchParams(from < 0 ? "" : request.url.slice(from));
}
