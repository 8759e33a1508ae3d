import { AsyncLocalStorage } from "node:async_hooks";
import { requestInfo } from "./request.js";

/**
 * What is going on, for each chain of calls and callbacks by itself.
 * @typedef {{request?: any, userId?: string | undefined, tags: Record<string, string>}} Scope
 */

/** @type {AsyncLocalStorage<Scope>} */
const storage = new AsyncLocalStorage();

/**
 * Runs `work`; what is captured in it, and in whatever it starts, carries the context. Inner contexts add to outer ones.
 * @template T
 * @param {import("./index.d.ts").Context} context
 * @param {() => T} work
 * @returns {T}
 */
export function withContext(context, work) {
  const outer = storage.getStore();
  return storage.run({ ...outer, ...context, tags: { ...outer?.tags, ...context?.tags } }, work);
}

/** Adds to the context that this runs in; does nothing outside of one. @param {import("./index.d.ts").Context} more */
export function addContext(more) {
  const scope = storage.getStore();
  if (scope !== undefined) Object.assign(scope, more, { tags: { ...scope.tags, ...more?.tags } });
}

/** For Express, Connect, Polka, Restify: each request is a context of its own. */
export function requestContext() {
  return (/** @type {unknown} */ request, /** @type {unknown} */ _response, /** @type {() => void} */ next) =>
    withContext({ request: /** @type {any} */ (request) }, next);
}

/** The context as an event tells it. The request is read only now: its body may have been parsed meanwhile. */
export function currentScope() {
  const scope = storage.getStore();
  if (scope === undefined) return { request: undefined, tags: {} };
  const { request, userId, tags } = scope;
  const who = userId === undefined || userId === null ? {} : { "user.id": String(userId).slice(0, 200) };
  return { request: request === undefined ? undefined : requestInfo(request), tags: { ...tags, ...who } };
}
