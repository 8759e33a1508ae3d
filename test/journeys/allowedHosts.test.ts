import { request } from "node:http";
import type { AddressInfo } from "node:net";
import { serve } from "@hono/node-server";
import { Hono } from "hono";
import { expect, onTestFinished, test } from "vitest";
import { Config } from "../../src/config/schema.ts";
import { allowHosts } from "../../src/server/allowedHosts.ts";

/** Starts a server behind the check. Asks it for a path under a name, as a page does whose name was bound to this machine. */
async function start(hosts: string[], publicUrl?: string) {
  const app = new Hono();
  app.use("*", allowHosts(hosts, publicUrl));
  app.all("*", (c) => c.text("served"));
  const server = serve({ fetch: app.fetch, hostname: "127.0.0.1", port: 0 });
  await new Promise((done) => server.once("listening", done));
  onTestFinished(() => void server.close());
  const { port } = server.address() as AddressInfo;
  return (host: string, path = "/v1/status") =>
    new Promise<number | undefined>((resolve, reject) => {
      const asked = request({ host: "127.0.0.1", port, path, headers: { host } }, (reply) => {
        reply.resume();
        resolve(reply.statusCode);
      });
      asked.once("error", reject).end();
    });
}

test("a name that is not allowed gets 421, whatever the path but health", async () => {
  const ask = await start(["heal.example"], "https://public.example/selfheal");
  for (const host of [
    "heal.example",
    "HEAL.example:4700",
    "public.example",
    "localhost:4700",
    "127.0.0.1",
    "[::1]:80",
  ]) {
    expect([host, await ask(host)]).toEqual([host, 200]);
  }
  for (const host of ["rebound.attacker", "heal.example.attacker", "127.0.0.1.attacker", "attacker:127"]) {
    expect([host, await ask(host)]).toEqual([host, 421]);
  }
  expect(await ask("rebound.attacker", "/healthz")).toBe(200);
});

test("without a list a reverse proxy may pass on any name", async () => {
  expect(await (await start([]))("anything.example")).toBe(200);
});

test("the list holds names, not URLs", () => {
  expect(Config.safeParse({ allowedHosts: ["heal.example", "[::1]", "10.0.0.7"] }).success).toBe(true);
  for (const wrong of ["https://heal.example", "heal.example:4700", "heal.example/x", ""]) {
    expect(Config.safeParse({ allowedHosts: [wrong] }).success).toBe(false);
  }
});
