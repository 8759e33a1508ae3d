import { mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { Client } from "@langchain/langgraph-sdk";
import { afterEach, expect, it } from "vitest";
import { loadFactor } from "../../src/cli/demo/loadFactor.ts";
import { type ServeProcess, startServe } from "../helpers/serveProcess.ts";
import { tempFolder } from "../helpers/tempFolder.ts";
import { makeTinyService, tinyEvent } from "../helpers/tinyService.ts";

let server: ServeProcess | undefined;
afterEach(async () => {
  await server?.stop();
  server = undefined;
});

it("told to stop in the middle, with somebody following: it stops, and the next start goes on without asking anybody", async () => {
  const dir = tempFolder();
  const tiny = makeTinyService(dir);
  const config = { services: [tiny.settings], sandboxForAuto: "none" };
  const slow = { ...tiny.settings, reproduceCommand: "sleep 60; node replay.mjs" };
  const tmp = join(dir, "tmp");
  mkdirSync(tmp);
  server = await startServe(dir, { ...config, services: [slow], drainMs: 500 }, { TMPDIR: tmp });
  await server.post(tinyEvent(tiny));
  const ticket = await server.ticketWhere((t) => t.state === "coding");
  const headers = { authorization: `Bearer ${server.token}` };
  const [run] = await server.get<{ run_id: string }[]>(`/threads/${ticket.id}/runs`);
  const following = await fetch(`${server.url}/threads/${ticket.id}/runs/${run?.run_id}/stream`, { headers });
  expect(following.status).toBe(200);
  const from = Date.now();
  expect(await server.stop()).toBe(0);
  expect(Date.now() - from).toBeLessThan(10_000 * loadFactor());
  expect(readdirSync(tmp).filter((name) => name.startsWith("selfheal"))).toEqual([]);
  await following.body?.cancel().catch(() => undefined);

  server = await startServe(dir, config);
  const healed = await server.ticketWhere((t) => t.state === "healed" || t.state === "escalated");
  expect(healed).toMatchObject({ state: "healed" });
  const { entries } = await server.get<{ entries: { kind: string }[] }>(`/v1/audit?ticketId=${ticket.id}`);
  expect(entries.map((entry) => entry.kind)).not.toContain("ticket.escalated");
  expect(tiny.deploys()).toHaveLength(1);
});

it("its run cancelled from Studio in the middle: nothing goes live, a person is asked, and their word sends it on", async () => {
  const dir = tempFolder();
  const tiny = makeTinyService(dir);
  const slow = { ...tiny.settings, reproduceCommand: "sleep 60; node replay.mjs" };
  server = await startServe(dir, { services: [slow], sandboxForAuto: "none" });
  await server.post(tinyEvent(tiny));
  const { id } = await server.ticketWhere((t) => t.state === "coding");
  const client = new Client({ apiUrl: server.url, apiKey: server.token });
  const [run] = await client.runs.list(id, { status: "running" });
  await client.runs.cancel(id, run?.run_id ?? "");

  const asked = await server.ticketWhere((t) => t.state === "escalated");
  expect(asked).toMatchObject({ approval: { kind: "escalate" }, reason: expect.stringContaining("cancelled") });
  expect((await client.threads.getState(id)).next).toEqual(["escalate"]);
  expect(tiny.deploys()).toEqual([]);
  await client.runs.create(id, "selfheal", {
    command: { resume: { decisions: [{ type: "guide", by: "ada", message: "go on" }] } },
  });
  const again = await server.ticketWhere((t) => t.state === "coding");
  expect(again).toMatchObject({ id, approval: null, decisions: [{ type: "guide", by: "admin" }] });
});
