import { observe, packageImport } from "../observe.mjs";

const { Hono } = await packageImport("dist/index.js");
const { cache } = await packageImport("dist/middleware/cache/index.js");
const kept = new Map();
const caches = {
  open: async (name) => ({
    match: async (key) => kept.get(`${name} ${key}`)?.clone(),
    put: async (key, response) => void kept.set(`${name} ${key}`, response),
  }),
};

async function ask(runtime, options, path = "/", status = 200) {
  if (runtime) globalThis.caches = caches;
  else globalThis.caches = undefined;
  const app = new Hono();
  let calls = 0;
  app.use("*", cache(options));
  app.get("*", (c) => {
    calls += 1;
    return c.text(`hello ${calls}`, status);
  });
  const seen = [];
  for (let i = 0; i < 2; i++) {
    const response = await app.request(`http://localhost${path}`);
    seen.push([response.status, await response.text(), response.headers.get("Cache-Control")]);
  }
  return { seen, calls };
}

await observe({
  without: () => ask(false, { cacheName: "a", wait: true }),
  withoutControl: () => ask(false, { cacheName: "a", cacheControl: "max-age=10" }),
  with: () => ask(true, { cacheName: "b", wait: true }, "/one"),
  control: () => ask(true, { cacheName: "c", wait: true, cacheControl: "max-age=10, public" }, "/two"),
  notOk: () => ask(true, { cacheName: "d", wait: true }, "/three", 404),
  withoutNotOk: () => ask(false, { cacheName: "d", wait: true }, "/three", 404),
});
