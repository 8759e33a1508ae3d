/** The key that a request presents; "" for none. A key in the URL is seen by every proxy and every log on the way. */
export interface PresentedKey {
  key: string;
  isInUrl: boolean;
}

/** The key in a header, otherwise the one in the query of the URL. Null and "" mean none. */
export function presentedKey(inHeader: string | null | undefined, inUrl: string | null): PresentedKey {
  return inHeader ? { key: inHeader, isInUrl: false } : { key: inUrl ?? "", isInUrl: true };
}

/** The key of a request to the native and the OTLP routes: `Authorization: Bearer`, `x-selfheal-key` or `?key=`. */
export function plainKey(request: Request): PresentedKey {
  const bearer = /^Bearer\s{1,8}(\S{1,512})$/i.exec(request.headers.get("authorization") ?? "")?.[1];
  return presentedKey(bearer ?? request.headers.get("x-selfheal-key"), queryOf(request).get("key"));
}

/** The query of a request; empty if there is none. It does not parse the URL, so that an invalid URL does not throw. */
export function queryOf(request: Request): URLSearchParams {
  const from = request.url.indexOf("?");
  return new URLSearchParams(from < 0 ? "" : request.url.slice(from));
}
