import { badRequest, notFound } from "./errors.js";

const BASE = "http://shop.invalid";

/** Routes are `[method, "/path/:param", handler]`; a handler returns `{status?, body}`, or a promise of it. */
export function createRouter(routes) {
  const table = routes.map(([method, path, handler]) => ({ method, parts: path.split("/"), handler }));
  return function route(request) {
    if (!URL.canParse(request.url, BASE)) throw badRequest("the address cannot be read");
    const { pathname, searchParams } = new URL(request.url, BASE);
    const parts = pathname.split("/");
    for (const entry of table) {
      const params = entry.method === request.method ? match(entry.parts, parts) : null;
      if (params !== null) {
        return entry.handler({ params, query: Object.fromEntries(searchParams), body: parseBody(request), request });
      }
    }
    throw notFound("page");
  };
}

function match(pattern, parts) {
  if (pattern.length !== parts.length) return null;
  const params = {};
  for (const [i, part] of pattern.entries()) {
    if (part.startsWith(":")) params[part.slice(1)] = parts[i];
    else if (part !== parts[i]) return null;
  }
  return params;
}

function parseBody({ body }) {
  if (body === undefined || body === "") return {};
  let parsed;
  try {
    parsed = JSON.parse(body);
  } catch {
    throw badRequest("the body is not JSON");
  }
  if (parsed === null || typeof parsed !== "object") throw badRequest("the body is not an object");
  return parsed;
}
