/** The peer: Spotlight's sidecar, which keeps the newest 500 envelopes in memory. `tsx bench/ingest/peer.ts` */
import { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { startServer } from "@spotlightjs/spotlight";

// It would listen on every interface, and on a port that is fixed.
const { listen } = Server.prototype;
Server.prototype.listen = function (this: Server, ...given: unknown[]) {
  const done = given.find((one) => typeof one === "function") as () => void;
  return Reflect.apply(listen, this, [0, "127.0.0.1", done]) as Server;
} as typeof listen;

const log = console.log;
console.log = () => undefined;
const server = await startServer({ port: 8969, basePath: process.cwd(), filesToServe: {} });
log(`listens on http://127.0.0.1:${(server.address() as AddressInfo).port}`);
