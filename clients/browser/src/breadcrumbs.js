const KEPT = 20;

/**
 * Records what happened on the page before an exception: navigation and requests. Wraps `history` and `fetch`, which
 * work as before.
 * @param {string} ownAddress Requests to this address are not recorded.
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
      /** @type {History & Record<string, unknown>} */ (history),
      name,
      (original) =>
        /** @this {unknown} @param {unknown[]} args */
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
    /** @type {typeof globalThis & Record<string, unknown>} */ (globalThis),
    "fetch",
    (original) =>
      /**
       * @this {unknown}
       * @param {[{url?: string, method?: string}?, {method?: string}?]} args Of `fetch`.
       */
      function (...args) {
        const answered = original.apply(this, args);
        const url = withoutQuery(args[0]?.url ?? args[0]);
        if (url !== withoutQuery(ownAddress)) {
          const what = `${args[1]?.method ?? args[0]?.method ?? "GET"} ${url}`;
          answered.then(
            (/** @type {Response} */ response) => add("fetch", `${what} → ${response.status}`),
            () => add("fetch", `${what} failed`),
          );
        }
        return answered;
      },
  );
}

/** Removes query and fragment, because they contain tokens. @param {unknown} url */
function withoutQuery(url) {
  return String(url).replace(/[?#].*/s, "");
}

/**
 * Replaces a function of `holder`. Returns a function that restores the original, unless the page has wrapped it again.
 * @param {Record<string, unknown>} holder
 * @param {string} name
 * @param {(original: Function) => Function} make
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
