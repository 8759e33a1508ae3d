import { afterEach, describe, expect, it } from "vitest";
import type { TicketState } from "../../src/domain/ticket.ts";
import { eventually } from "../helpers/patience.ts";
import { type ServeProcess, startServe } from "../helpers/serveProcess.ts";
import { tempFolder } from "../helpers/tempFolder.ts";
import { makeTinyService, tinyEvent } from "../helpers/tinyService.ts";

let server: ServeProcess | undefined;
afterEach(async () => {
  await server?.stop();
  server = undefined;
});

/** Slow enough to be killed in the middle, each in its own way. */
const SLOW: Record<"coding" | "testing" | "deploying", (deploy: string) => Record<string, unknown>> = {
  coding: () => ({ reproduceCommand: "sleep 1; node replay.mjs" }),
  testing: () => ({ testCommand: "sleep 1; npm test" }),
  // Killed before the effect, in its middle, or after it: which one, the target tells.
  deploying: (deploy) => ({ deployCommand: `${deploy}; sleep 1` }),
};

describe("kill -9 in the middle, then start again", () => {
  it.each(["coding", "testing", "deploying"] as const)(
    "while %s: the run goes on, nothing is deployed twice",
    async (state) => {
      const dir = tempFolder();
      const plain = makeTinyService(dir);
      const settings = { ...plain.settings, ...SLOW[state](String(plain.settings.deployCommand)) };
      const config = { services: [settings], sandboxForAuto: "none" };
      server = await startServe(dir, config);
      await server.post(tinyEvent(plain));
      await server.ticketWhere((t) => t.state === (state satisfies TicketState));
      if (state === "deploying") await untilDeployed(plain);
      await server.kill();

      server = await startServe(dir, config);
      await server.ticketWhere((t) => t.state === "healed");
      expect(plain.answer()).toBe("Hello, guest");
      expect(plain.deploys()).toHaveLength(1);
      expect(await server.tickets()).toHaveLength(1);
    },
  );

  it("keeps what it acknowledged, and answers a question that was open", async () => {
    const dir = tempFolder();
    const tiny = makeTinyService(dir, { settings: { autonomy: "supervised" } });
    const config = { services: [tiny.settings], sandboxForAuto: "none" };
    server = await startServe(dir, config);
    await server.post(tinyEvent(tiny));
    await server.kill();

    server = await startServe(dir, config);
    const asked = await server.ticketWhere((t) => t.state === "awaitingApproval");
    await server.kill();

    server = await startServe(dir, config);
    const yes = { type: "approve", by: "ada", patchDigest: asked.approval?.patchDigest };
    expect((await server.decide(asked.id, yes)).status).toBe(202);
    await server.ticketWhere((t) => t.state === "healed");
    expect(tiny.deploys()).toHaveLength(1);
  });
});

async function untilDeployed(tiny: { deploys(): string[] }): Promise<void> {
  await eventually(() => expect(tiny.deploys()).not.toEqual([]), 10);
}
