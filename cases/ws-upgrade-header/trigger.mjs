import { createRequire } from "node:module";
import { PassThrough } from "node:stream";

const require = createRequire(import.meta.url);
const { WebSocketServer } = require("./index.js");
const server = new WebSocketServer({ noServer: true });
const request = { method: "GET", url: "/", headers: { "sec-websocket-version": "13" } };
const socket = new PassThrough();
server.handleUpgrade(request, socket, Buffer.alloc(0), () => console.log("upgraded"));
console.log(String(socket.read()).split("\r\n")[0]);
