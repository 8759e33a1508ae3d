const KEPT = 20;

/**
 * What happened on the page before: where it went and what it asked for. Wraps `history` and `fetch`; both do as before.
 * @param {string} ownAddress Requests of ours are none.
 */
export function watchBreadcrumbs(ownAddress) {
  /** @type {import("./index.d.ts").Breadcrumb[]} */
  const kept = [];
  const add = (/** @type {string} */ type, /** @type {string} */ text) => {
    kept.push({ type, text: text.slice(0, 500), at: new Date().toISOString() });
    if (kept.length > KEPT) kept.shift();
  };
  const undo = [watchNavigation(add), watchFetch(add, ownAddress)];
  return {
    kept,
    stop() {
      for (const stop of undo) stop();
    },
  };
}

/** @param {(type: string, text: string) => void} add */
function watchNavigation(add) {
  const onPop = () => add("navigation", location.pathname);
  addEventListener("popstate", onPop);
  const undo = ["pushState", "replaceState"].map((name) =>
    wrap(
      /** @type {any} */ (history),
      name,
      (original) =>
        function (...args) {
          const result = original.apply(this, args);
          onPop();
          return result;
        },
    ),
  );
  return () => {
    removeEventListener("popstate", onPop);
    for (const stop of undo) stop();
  };
}

/** @param {(type: string, text: string) => void} add @param {string} ownAddress */
function watchFetch(add, ownAddress) {
  return wrap(
    /** @type {any} */ (globalThis),
    "fetch",
    (original) =>
      function (...args) {
        const answered = original.apply(this, args);
        const url = withoutQuery(args[0]?.url ?? args[0]);
        if (url !== withoutQuery(ownAddress)) {
          const what = `${args[1]?.method ?? args[0]?.method ?? "GET"} ${url}`;
          answered.then(
            (response) => add("fetch", `${what} → ${response.status}`),
            () => add("fetch", `${what} failed`),
          );
        }
        return answered;
      },
  );
}

/** Query and fragment carry tokens. @param {unknown} url */
function withoutQuery(url) {
  return String(url).replace(/[?#].*/s, "");
}

/**
 * Puts a function in another's place; the page's own, wrapped later still, is never overwritten when it is taken out.
 * @param {Record<string, any>} holder @param {string} name @param {(original: any) => any} make
 */
function wrap(holder, name, make) {
  const original = holder[name];
  if (typeof original !== "function") return () => {};
  const ours = make(original);
  holder[name] = ours;
  return () => {
    if (holder[name] === ours) holder[name] = original;
  };
}
