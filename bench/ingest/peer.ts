/** The peer: Spotlight's sidecar, which keeps the newest 500 envelopes in memory. `tsx bench/ingest/peer.ts` */
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { execa } from "execa";

/** Its middleware fails with a newer hono. */
const PINS = { "@spotlightjs/spotlight": "4.11.8", hono: "4.12.25" };

interface Spotlight {
  startServer(options: { port: number; basePath: string; filesToServe: object }): Promise<Server>;
}

/** Installed the first time, in a folder of its own: its 140 packages are no business of who tries selfheal. */
async function spotlight(): Promise<Spotlight> {
  const dir = join(tmpdir(), `selfheal-bench-spotlight-${Object.values(PINS).join("-")}`);
  const built = join(dir, "node_modules/@spotlightjs/spotlight/package.json");
  if (!existsSync(built)) {
    mkdirSync(dir, { recursive: true });
    writeFileSync(join(dir, "package.json"), JSON.stringify({ private: true, type: "module", dependencies: PINS }));
    writeFileSync(join(dir, "load.js"), 'export * from "@spotlightjs/spotlight";\n');
    await execa("npm", ["install", "--no-audit", "--no-fund", "--ignore-scripts"], { cwd: dir, stdout: "ignore" });
  }
  return import(pathToFileURL(join(dir, "load.js")).href);
}

const { startServer } = await spotlight();

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
