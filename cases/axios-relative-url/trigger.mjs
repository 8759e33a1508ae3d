import { createServer } from "node:http";

// A DOM without an origin of its own server, as test environments have it.
const server = createServer((_request, response) => response.end("ok")).listen(0, "127.0.0.1");
await new Promise((resolve) => server.once("listening", resolve));
const origin = `http://127.0.0.1:${server.address().port}`;
globalThis.window = { location: { href: `${origin}/`, origin } };
globalThis.document = {};
Object.defineProperty(globalThis, "navigator", {
  value: { product: "ReactNative", userAgent: "test" },
  configurable: true,
});
const { default: axios } = await import("./index.js");
const { data } = await axios.get("/path", { adapter: "http" });
console.log(data);
process.exit(0);
