import { createServer } from "node:net";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { startServe } from "../helpers/serveProcess.ts";
import { tempFolder } from "../helpers/tempFolder.ts";

/** A port of loopback that somebody else listens on, until it is let go. */
async function busyPort(): Promise<{ port: number; letGo(): Promise<void> }> {
  const server = createServer();
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  return { port: address.port, letGo: () => new Promise((closed) => server.close(() => closed())) };
}

it("serve: a first start that finds its port busy costs no admin token, and later ones say how to get another", async () => {
  const dir = join(tempFolder(), "home");
  const { port, letGo } = await busyPort();
  await expect(startServe(dir, { port })).rejects.toThrow(/serve ended with 1: .*cannot listen on 127\.0\.0\.1:\d+/s);
  await letGo();

  const first = await startServe(dir, {});
  onTestFinished(first.kill);
  expect(first.token).toMatch(/^sh_/);
  expect((await first.get<{ paused: boolean }>("/v1/status")).paused).toBe(false);
  expect(await first.stop()).toBe(0);

  const second = await startServe(dir, {});
  onTestFinished(second.kill);
  expect(second.said()).not.toContain("sh_");
  expect(second.said()).toContain(
    "Admin token: shown at an earlier start. Who has lost it: selfheal serve --new-token",
  );
  expect(await second.stop()).toBe(0);
});
