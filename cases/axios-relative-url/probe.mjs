import { createServer } from "node:http";
import { observe, packageImport } from "../observe.mjs";

const server = createServer((request, response) => response.end(`${request.method} ${request.url}`)).listen(
  0,
  "127.0.0.1",
);
await new Promise((resolve) => server.once("listening", resolve));
const origin = `http://127.0.0.1:${server.address().port}`;
globalThis.window = { location: { href: `${origin}/`, origin } };
globalThis.document = {};
Object.defineProperty(globalThis, "navigator", {
  value: { product: "ReactNative", userAgent: "test" },
  configurable: true,
});
const { default: axios } = await packageImport("index.js");

async function ask(config) {
  const { status, data } = await axios({ adapter: "http", ...config });
  return { status, data };
}

await observe({
  relative: () => ask({ url: "/path" }),
  relativeQuery: () => ask({ url: "path", params: { a: 1 } }),
  absolute: () => ask({ url: `${origin}/abs` }),
  base: () => ask({ baseURL: origin, url: "/under" }),
  post: () => ask({ method: "post", url: `${origin}/p`, data: { a: 1 } }),
  data: () => ask({ url: "data:text/plain,hi", responseType: "text" }),
  bad: () => ask({ url: "foo://x" }),
});
