/**
 * The fields that are read of a request: Node's own, one of a framework, or a web Request.
 * @typedef {object} RequestLike
 * @property {unknown} [method]
 * @property {unknown} [url]
 * @property {unknown} [originalUrl] The URL before a router changed it (Express).
 * @property {Headers | Record<string, unknown>} [headers]
 * @property {unknown} [body] As a body parser left it.
 */

const PRIVATE_HEADER = /auth|cookie|token|secret|session|api-?key|csrf|xsrf|^x-forwarded|^x-real-ip/i;
const MAX_BODY = 65_536;

/**
 * The parts of a request that a Reproduction needs, without cookies and credentials. Never throws.
 * @param {RequestLike} request
 * @returns {import("./index.d.ts").RequestInfo}
 */
export function requestInfo(request) {
  try {
    const body = bodyOf(request.body);
    return {
      method: String(request.method ?? "GET"),
      url: String(request.originalUrl ?? request.url ?? ""),
      headers: headersOf(request.headers),
      ...(body === undefined ? {} : { body }),
    };
  } catch {
    return { method: "GET", url: "", headers: {} };
  }
}

/** @param {Headers | Record<string, unknown> | undefined} headers The object of Node.js, or a Headers. */
function headersOf(headers) {
  const pairs = typeof headers?.forEach === "function" ? [...headers] : Object.entries(headers ?? {});
  return Object.fromEntries(
    pairs.filter(([name]) => !PRIVATE_HEADER.test(name)).map(([name, value]) => [name, String(value)]),
  );
}

/** @param {unknown} body As a body parser left it. A stream that was not read stays unread. */
function bodyOf(body) {
  if (typeof body === "string") return body.slice(0, MAX_BODY);
  if (body instanceof Uint8Array) return Buffer.from(body).toString("utf8").slice(0, MAX_BODY);
  const isData =
    Array.isArray(body) || (typeof body === "object" && body !== null && !("pipe" in body) && !("getReader" in body));
  return isData ? JSON.stringify(body).slice(0, MAX_BODY) : undefined;
}
