import { afterEach, describe, expect, it } from "vitest";
import { WebSocket } from "ws";
import { KEY, type ServeProcess, startServe } from "../helpers/serveProcess.ts";
import { tempFolder } from "../helpers/tempFolder.ts";
import { makeTinyService, tinyEvent } from "../helpers/tinyService.ts";

let server: ServeProcess | undefined;
afterEach(async () => {
  await server?.stop();
  server = undefined;
});

describe("an exception becomes a held fix", () => {
  it("over HTTP, by itself, where everything speaks for it", async () => {
    const dir = tempFolder();
    const tiny = makeTinyService(dir);
    expect(tiny.answer()).toBe("crashed");
    server = await startServe(dir, { services: [tiny.settings], sandboxForAuto: "none" });

    const reply = await server.post([tinyEvent(tiny)]);
    expect(reply.status).toBe(202);
    const healed = await server.ticketWhere((t) => t.state === "healed");

    expect(tiny.answer()).toBe("Hello, guest");
    expect(healed).toMatchObject({ severity: "high", gate: { verdict: "auto" }, evidence: { grade: "E3" } });
    expect(tiny.deploys()).toHaveLength(1);
    const message = tiny.git("log", "-1", "--format=%B", `auto-fix/ticket-${healed.id}`);
    expect(message).toContain(`Selfheal-Ticket: ${healed.id}`);
    expect(tiny.git("status", "--porcelain")).toBe("");
    expect(tiny.git("rev-parse", "main")).toBe(tiny.head);
    expect(await server.stop()).toBe(0);
  });

  it("over the WebSocket, acknowledged only once it is stored", async () => {
    const dir = tempFolder();
    const tiny = makeTinyService(dir);
    server = await startServe(dir, { services: [tiny.settings], sandboxForAuto: "none" });

    const socket = new WebSocket(`${server.url.replace("http", "ws")}/v1/stream`, {
      headers: { authorization: `Bearer ${KEY}` },
    });
    const acks = new Promise<unknown>((resolve) => socket.on("message", (data) => resolve(JSON.parse(String(data)))));
    socket.on("open", () => socket.send(JSON.stringify({ seq: 1, event: tinyEvent(tiny) })));
    expect(await acks).toEqual({ ack: 1 });
    socket.close();

    await server.ticketWhere((t) => t.state === "healed");
    expect(tiny.answer()).toBe("Hello, guest");
  });

  it("rolls back what is not healthy, and asks a person", async () => {
    const dir = tempFolder();
    const tiny = makeTinyService(dir, {
      settings: { health: { command: "exit 1", passes: 1, intervalMs: 50, timeoutMs: 300 } },
    });
    server = await startServe(dir, { services: [tiny.settings], sandboxForAuto: "none" });
    await server.post(tinyEvent(tiny));

    const escalated = await server.ticketWhere((t) => t.state === "escalated");
    expect(escalated.approval).toMatchObject({ kind: "escalate", allowed: ["guide", "takeOver", "dismiss"] });
    expect(tiny.live()).toBe(tiny.head);
    expect(tiny.answer()).toBe("crashed");
    expect(tiny.deploys()).toHaveLength(2);

    const reply = await server.decide(escalated.id, { type: "dismiss", by: "ada", message: "known" });
    expect(reply.status).toBe(202);
    expect((await server.ticketWhere((t) => t.state === "dismissed")).reason).toBe("known");
  });

  it("learns nothing from a suite that hangs, and says so", async () => {
    const dir = tempFolder();
    const tiny = makeTinyService(dir, { settings: { testCommand: "sleep 600", testTimeoutMs: 1500 } });
    server = await startServe(dir, { services: [tiny.settings], sandboxForAuto: "none" });
    await server.post(tinyEvent(tiny));

    const escalated = await server.ticketWhere((t) => t.state === "escalated" || t.state === "abstained");
    expect(escalated.evidence?.grade ?? "none").not.toBe("E2");
    expect(escalated.reason).toContain("did not end within 1500 ms");
    expect(tiny.deploys()).toHaveLength(0);
  });

  it("observes only, when told so", async () => {
    const dir = tempFolder();
    const tiny = makeTinyService(dir);
    server = await startServe(dir, { services: [tiny.settings], autonomy: "observe" });
    await server.post(tinyEvent(tiny));
    const ticket = await server.ticketWhere((t) => t.reason.startsWith("observe"));
    expect(ticket).toMatchObject({ state: "open", patch: null });
    expect(tiny.deploys()).toHaveLength(0);
  });
});
