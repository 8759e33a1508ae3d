import { AsyncLocalStorage } from "node:async_hooks";
import { requestInfo } from "./request.js";

/**
 * The context of one asynchronous chain of calls.
 * @typedef {object} Scope
 * @property {import("./index.d.ts").Context["request"]} [request]
 * @property {import("./index.d.ts").Context["userId"]} [userId]
 * @property {Record<string, string>} tags
 */

/** @type {AsyncLocalStorage<Scope>} */
const storage = new AsyncLocalStorage();

/**
 * Runs `work` in a context. Events that are captured in it, and in all that it starts, have the context. An inner
 * context adds to the outer one.
 * @template T
 * @param {import("./index.d.ts").Context} context
 * @param {() => T} work
 * @returns {T}
 */
export function withContext(context, work) {
  const outer = storage.getStore();
  return storage.run({ ...outer, ...context, tags: { ...outer?.tags, ...context?.tags } }, work);
}

/** Adds to the current context. Does nothing outside of a context. @param {import("./index.d.ts").Context} more */
export function addContext(more) {
  const scope = storage.getStore();
  if (scope !== undefined) Object.assign(scope, more, { tags: { ...scope.tags, ...more?.tags } });
}

/** Middleware for Express, Connect, Polka and Restify: each request gets its own context. */
export function requestContext() {
  return (/** @type {unknown} */ request, /** @type {unknown} */ _response, /** @type {() => void} */ next) =>
    withContext({ request: /** @type {import("node:http").IncomingMessage} */ (request) }, next);
}

/**
 * The current context in the form of an Event. It reads the request only now, because its body may have been parsed
 * since.
 */
export function currentScope() {
  const scope = storage.getStore();
  if (scope === undefined) return { request: undefined, tags: {} };
  const { request, userId, tags } = scope;
  const who = userId === undefined || userId === null ? {} : { "user.id": String(userId).slice(0, 200) };
  return { request: request === undefined ? undefined : requestInfo(request), tags: { ...tags, ...who } };
}
