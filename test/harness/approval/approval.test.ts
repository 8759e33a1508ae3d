import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Client } from "@langchain/langgraph-sdk";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ensureLinkSecret, signLink } from "../../../src/dashboard/answerLinks.ts";
import { Ticket } from "../../../src/domain/ticket.ts";
import { ALLOWED } from "../../../src/graph/answer.ts";
import { parseReply } from "../../../src/graph/approval.ts";
import { openEmbeddedStores } from "../../../src/store/embedded.ts";
import { runCli } from "../../helpers/cliRun.ts";
import { type ServeProcess, startServe } from "../../helpers/serveProcess.ts";
import { buildTicket } from "../../helpers/ticketBuilder.ts";

type Answered = "taken" | "tooLate" | "invalid";
type Channel = "sdk" | "rest" | "cli" | "link";
const CHANNELS: readonly Channel[] = ["sdk", "rest", "cli", "link"];

let dir = "";
let secret = "";
let server: ServeProcess;
/** Tickets that were there before the server started; each cell of the matrix takes one. */
const tickets = Array.from({ length: 14 }, () => buildTicket());
const counts: Record<Answered, number> = { taken: 0, tooLate: 0, invalid: 0 };
beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), "selfheal-approval-"));
  const stores = await openEmbeddedStores(join(dir, "data"), { now: () => Date.now() });
  for (const ticket of tickets) await stores.tickets.open(ticket);
  secret = await ensureLinkSecret(stores.settings);
  await stores.close();
  server = await startServe(dir, {});
}, 30_000);
afterAll(async () => {
  console.log(`approval harness: ${JSON.stringify(counts)}`);
  await server.stop();
  rmSync(dir, { recursive: true, force: true });
});

/** A ticket whose run waits at an escalation. */
async function asked(): Promise<Ticket> {
  const ticket = tickets.pop();
  if (ticket === undefined) throw new Error("there are more cells than tickets");
  const input = { entry: "escalate", ticketId: ticket.id, cause: "stuck" };
  await client().threads.create({ threadId: ticket.id, graphId: "selfheal" });
  await client().runs.wait(ticket.id, "selfheal", { input });
  return stored(ticket.id);
}

const client = () => new Client({ apiUrl: server.url, apiKey: server.token, callerOptions: { maxRetries: 0 } });

/** Sends one answer by one way; what the answerer is told. */
async function send(by: Channel, ticket: Ticket, type: string): Promise<Answered> {
  const result = await WAYS[by](ticket, type);
  counts[result] += 1;
  return result;
}

const byStatus = (status: number): Answered => (status < 300 ? "taken" : status === 409 ? "tooLate" : "invalid");

const WAYS: Record<Channel, (ticket: Ticket, type: string) => Promise<Answered>> = {
  sdk: ({ id }, type) =>
    client()
      .runs.create(id, "selfheal", { command: { resume: { decisions: [{ type, message: "m", by: "sdk" }] } } })
      .then(
        () => "taken" as const,
        (error: { status?: number }) => byStatus(error.status ?? 500),
      ),
  async rest({ id }, type) {
    const headers = { authorization: `Bearer ${server.token}`, "content-type": "application/json" };
    const body = JSON.stringify({ type, message: "m", by: "rest" });
    return byStatus((await fetch(`${server.url}/v1/tickets/${id}/decision`, { method: "POST", headers, body })).status);
  },
  async cli({ id }, type) {
    const env = { SELFHEAL_URL: server.url, SELFHEAL_TOKEN: server.token, USER: "cli" };
    const { code, stderr } = await runCli([type, id, "--message", "m"], { env });
    return code === 0 ? "taken" : /answered|asks nothing/i.test(stderr) ? "tooLate" : "invalid";
  },
  async link(ticket, type) {
    const { approval } = ticket;
    if (approval === null) throw new Error("nothing is asked");
    const { kind, askedAt, patchDigest } = approval;
    const claims = {
      ticketId: ticket.id,
      kind,
      askedAt,
      patchDigest,
      recipient: "mail",
      expiresAt: Date.now() + 60_000,
    };
    const url = `${server.url}/answer/${signLink(claims, secret)}`;
    expect((await fetch(url)).status).toBeLessThan(500);
    const body = new URLSearchParams({ type, message: "m" });
    return byStatus((await fetch(url, { method: "POST", body })).status);
  },
};

const stored = async (id: string) => Ticket.parse((await server.get<{ ticket: unknown }>(`/v1/tickets/${id}`)).ticket);

describe("an answer, by every way", () => {
  it.each(CHANNELS)("%s: unreadable changes nothing, the first counts once, the next is told", async (by) => {
    const ticket = await asked();
    expect(await send(by, ticket, "yes")).toBe("invalid");
    expect(await stored(ticket.id)).toMatchObject({ approval: ticket.approval, decisions: [] });
    expect(await send(by, ticket, "dismiss")).toBe("taken");
    expect(await send(by, ticket, "dismiss")).toBe("tooLate");
    await expect.poll(async () => (await stored(ticket.id)).state, { timeout: 20_000 }).toBe("dismissed");
    expect((await stored(ticket.id)).decisions).toHaveLength(1);
  });

  const pairs = CHANNELS.flatMap((one, i) => CHANNELS.slice(i).map((two) => [one, two] as const));
  it("of two at once, by any two ways, one wins and the other is told", async () => {
    await Promise.all(
      pairs.map(async ([one, two]) => {
        const ticket = await asked();
        const told = await Promise.all([send(one, ticket, "dismiss"), send(two, ticket, "dismiss")]);
        expect([one, two, ...told.sort()]).toEqual([one, two, "taken", "tooLate"]);
        await expect.poll(async () => (await stored(ticket.id)).state, { timeout: 20_000 }).toBe("dismissed");
        expect((await stored(ticket.id)).decisions).toHaveLength(1);
      }),
    );
  }, 40_000);
});

it("no JSON is a yes but one that says so", () => {
  const says = (value: unknown): boolean =>
    typeof value === "string"
      ? /approve|accept/.test(value)
      : typeof value === "object" && value !== null && Object.values(value).some(says);
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      const type = parseReply(JSON.stringify(value), ALLOWED.approveDeploy)?.type;
      expect(type === "approve" && !says(value)).toBe(false);
    }),
    { numRuns: 2000 },
  );
});
