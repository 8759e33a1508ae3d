import { PassThrough } from "node:stream";
import { observe, packageRequire } from "../observe.mjs";

const { WebSocketServer } = packageRequire("./index.js");
const KEY = "dGhlIHNhbXBsZSBub25jZQ==";

const ask =
  (headers, method = "GET", options = {}) =>
  () => {
    const server = new WebSocketServer({ noServer: true, ...options });
    const seen = [];
    const socket = Object.assign(new PassThrough(), { setTimeout() {}, setNoDelay() {} });
    server.handleUpgrade({ method, url: "/", headers }, socket, Buffer.alloc(0), () => seen.push("upgraded"));
    return { seen, answer: String(socket.read()) };
  };

await observe({
  none: ask({ "sec-websocket-version": "13", "sec-websocket-key": KEY }),
  noHeaders: ask({}),
  other: ask({ upgrade: "h2c", "sec-websocket-version": "13", "sec-websocket-key": KEY }),
  right: ask({ upgrade: "websocket", "sec-websocket-version": "13", "sec-websocket-key": KEY }),
  upper: ask({ upgrade: "WebSocket", "sec-websocket-version": "13", "sec-websocket-key": KEY }),
  noKey: ask({ upgrade: "websocket", "sec-websocket-version": "13" }),
  version: ask({ upgrade: "websocket", "sec-websocket-version": "5", "sec-websocket-key": KEY }),
  post: ask({}, "POST"),
  path: ask({ upgrade: "websocket", "sec-websocket-version": "13", "sec-websocket-key": KEY }, "GET", { path: "/x" }),
});
