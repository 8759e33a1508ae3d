import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { Client } from "@langchain/langgraph-sdk";
import { afterEach, describe, expect, it } from "vitest";
import { programArgs } from "../helpers/program.ts";
import { type ServeProcess, startServe } from "../helpers/serveProcess.ts";
import { tempFolder } from "../helpers/tempFolder.ts";
import { makeTinyService, tinyEvent } from "../helpers/tinyService.ts";

const run = promisify(execFile);

let server: ServeProcess | undefined;
afterEach(async () => {
  await server?.stop();
  server = undefined;
});

/** A ticket that waits for a person, because the service is supervised. */
async function waiting() {
  const dir = tempFolder();
  const tiny = makeTinyService(dir, { settings: { autonomy: "supervised" } });
  server = await startServe(dir, { services: [tiny.settings] });
  await server.post(tinyEvent(tiny));
  const ticket = await server.ticketWhere((t) => t.state === "awaitingApproval");
  expect(tiny.deploys()).toHaveLength(0);
  return { tiny, server, ticket };
}

describe("a person approves", () => {
  it("by REST, bound to the patch; a second answer is told that it came too late", async () => {
    const { tiny, server, ticket } = await waiting();
    expect(ticket.approval).toMatchObject({ kind: "approveDeploy", reasons: expect.arrayContaining(["autonomyFull"]) });
    const stale = await server.decide(ticket.id, { type: "approve", by: "ada", patchDigest: "0".repeat(64) });
    expect(stale.status).toBe(409);
    const patchDigest = ticket.approval?.patchDigest;
    const [one, two] = await Promise.all([
      server.decide(ticket.id, { type: "approve", by: "ada", patchDigest }),
      server.decide(ticket.id, { type: "reject", by: "bob", patchDigest }),
    ]);
    expect([one.status, two.status].sort()).toEqual([202, 409]);
    if (one.status === 202) {
      await server.ticketWhere((t) => t.state === "healed");
      expect(tiny.answer()).toBe("Hello, guest");
    } else expect((await server.ticketWhere((t) => t.state === "rejected")).decisions.at(-1)?.by).toBe("bob");
  });

  it("through @langchain/langgraph-sdk, as Studio does", async () => {
    const { tiny, server, ticket } = await waiting();
    const client = new Client({ apiUrl: server.url, apiKey: server.token });
    const state = await client.threads.getState(ticket.id);
    expect(state.next).toEqual(["approveDeploy"]);
    expect(state.tasks[0]?.interrupts[0]?.value).toMatchObject({ actionRequests: [{ name: "approveDeploy" }] });
    await client.runs.wait(ticket.id, "selfheal", { command: { resume: { decisions: [{ type: "approve" }] } } });
    await server.ticketWhere((t) => t.state === "healed");
    expect(tiny.answer()).toBe("Hello, guest");
  });

  it("on the command line", async () => {
    const { tiny, server, ticket } = await waiting();
    const env = { ...process.env, SELFHEAL_URL: server.url, SELFHEAL_TOKEN: server.token };
    const program = await programArgs("src/cli/index.ts");
    const cli = (...args: string[]) => run(process.execPath, [...program, ...args], { env });
    expect((await cli("tickets")).stdout).toContain(ticket.id.slice(0, 8));
    await cli("approve", ticket.id.slice(0, 8), "--by", "ada");
    await server.ticketWhere((t) => t.state === "healed");
    expect((await cli("show", ticket.id.slice(0, 8))).stdout).toMatch(/Hello|profile\?\.|healed/);
    expect(tiny.answer()).toBe("Hello, guest");
  });

  it("may send a diff of their own, which is tested like any other", async () => {
    const { tiny, server, ticket } = await waiting();
    const diff = [
      "diff --git a/src/greet.js b/src/greet.js",
      "--- a/src/greet.js",
      "+++ b/src/greet.js",
      "@@ -5,4 +5,4 @@",
      " export function greet(user) {",
      "-  const name = user.profile.name;",
      '+  const name = user.profile?.name ?? "friend";',
      '   return "Hello, " + (name ?? "guest");',
      " }",
      "",
    ].join("\n");
    await server.decide(ticket.id, { type: "edit", by: "ada", diff, patchDigest: ticket.patch?.digest });
    const again = await server.ticketWhere(
      (t) => t.state === "awaitingApproval" && t.patch?.digest !== ticket.patch?.digest,
    );
    expect(again).toMatchObject({ patch: { by: "person:admin" }, evidence: { grade: "E2" } });
    await server.decide(ticket.id, { type: "approve", by: "ada", patchDigest: again.patch?.digest });
    await server.ticketWhere((t) => t.state === "healed");
    expect(tiny.answer()).toBe("Hello, friend");
  });

  it("can pause everything: no run starts, nothing is lost, and it goes on afterwards", async () => {
    const dir = tempFolder();
    const tiny = makeTinyService(dir);
    server = await startServe(dir, { services: [tiny.settings], sandboxForAuto: "none" });
    const headers = { authorization: `Bearer ${server.token}` };
    const issues = async () => (await server?.get<{ issues: unknown[] }>("/v1/issues"))?.issues ?? [];
    await fetch(`${server.url}/v1/pause`, { method: "POST", headers });
    await server.post(tinyEvent(tiny));
    await expect.poll(async () => (await issues()).length).toBe(1);
    // Longer than the debounce: the Batch is there, and its run does not start.
    await expect.poll(async () => (await server?.tickets())?.length, { timeout: 1500 }).toBe(0);
    expect(tiny.deploys()).toHaveLength(0);
    await fetch(`${server.url}/v1/resume`, { method: "POST", headers });
    await server.ticketWhere((t) => t.state === "healed");
    expect(tiny.deploys()).toHaveLength(1);
  });
});

describe("nobody else", () => {
  it("reaches anything but ingest and health without the admin token", async () => {
    const dir = tempFolder();
    server = await startServe(dir, {});
    const url = server.url;
    expect((await fetch(`${url}/healthz`)).status).toBe(200);
    const closed = [
      "/v1/tickets",
      "/v1/audit",
      "/threads/search",
      "/assistants/search",
      "/runs",
      "/info",
      "/ok",
      "/store/items",
    ];
    for (const path of closed) {
      for (const method of ["GET", "POST"]) {
        const headers = { "x-auth-scheme": "langsmith", accept: "application/json" };
        const reply = await fetch(`${url}${path}`, { method, headers, redirect: "manual" });
        expect(reply.status, `${method} ${path}`).toBe(401);
      }
    }
  });
});
