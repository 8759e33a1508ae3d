import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Ticket } from "../../src/domain/ticket.ts";
import { callApi } from "../helpers/apiCalls.ts";
import { type DashboardHome, makeDashboardHome } from "../helpers/dashboardHome.ts";
import { BUILT_AT, buildTicket, buildTicketAwaitingApproval } from "../helpers/ticketBuilder.ts";

let home: DashboardHome;
let ticket: Ticket;
let digest: string;
beforeEach(async () => {
  home = await makeDashboardHome();
  tokens = { ada: await home.tokenOf("Ada"), bob: await home.tokenOf("Bob") };
  ticket = await home.stores.tickets.open(buildTicketAwaitingApproval());
  digest = ticket.approval?.patchDigest ?? "";
});
afterEach(() => home.remove());

let tokens: { ada: string; bob: string };
/** Answers as Ada, or as the named person. */
const decide = (body: unknown, { id = ticket.id, as = "ada" }: { id?: string; as?: "ada" | "bob" } = {}) =>
  callApi(home, "POST", `/v1/tickets/${id}/decision`, body, tokens[as]);
const stored = async () => (await home.stores.tickets.get(ticket.id)) ?? buildTicket();

describe("POST /v1/tickets/:id/decision", () => {
  it("records the answer, audits it, and then tells the run", async () => {
    home.starter.expectResume(ticket.id);
    home.clock.advance(5000);
    const decision = { type: "approve", by: "Ada", message: "go", patchDigest: digest };
    const reply = await decide(decision);
    expect(reply).toEqual({ status: 202, body: { ticketId: ticket.id, accepted: true } });
    expect(home.starter.resumed).toEqual([{ threadId: ticket.id, decision }]);
    expect(await stored()).toMatchObject({ approval: null, decisions: [decision], updatedAt: BUILT_AT + 5000 });
    expect(await home.stores.audit.list()).toMatchObject([
      {
        kind: "approval.answered",
        actor: "person:Ada",
        facts: { question: "approveDeploy", answer: "approve", patchDigest: digest, message: "go" },
      },
    ]);
  });

  it("lets one of two win who answer at once, and tells the other who did", async () => {
    home.starter.expectResume(ticket.id);
    const replies = await Promise.all([
      decide({ type: "approve", by: "Ada", patchDigest: digest }),
      decide({ type: "reject" }, { as: "bob" }),
    ]);
    expect(replies.map((r) => r.status).toSorted()).toEqual([202, 409]);
    const winner = home.starter.resumed[0]?.decision;
    const lost = replies.find((r) => r.status === 409);
    expect(lost?.body.error).toEqual({
      code: "alreadyAnswered",
      message: `Already answered: ${winner?.by} said ${winner?.type}.`,
    });
    expect((await stored()).decisions).toHaveLength(1);
  });

  it("leaves a ticket closed that the run closed by this answer, though another one brought it there", async () => {
    const { tickets } = home.stores;
    home.starter.resume = async () => {
      await tickets.update(ticket.id, () => ({ state: "rejected" }));
      throw new Error("no question is open");
    };
    expect(await decide({ type: "reject" }, { as: "bob" })).toMatchObject({ status: 202 });
    expect(await stored()).toMatchObject({ state: "rejected", approval: null, decisions: [{ by: "Bob" }] });
  });

  it("opens the question again when the run cannot be told", async () => {
    home.starter.expectResume(ticket.id, new Error("the run's store is locked"));
    const reply = await decide({ type: "approve", by: "Ada", patchDigest: digest });
    expect(reply.status).toBe(502);
    expect(reply.body.error?.message).toBe(
      "The run could not be told: the run's store is locked. The question is open again.",
    );
    expect(await stored()).toMatchObject({ approval: ticket.approval, decisions: [] });
    expect((await home.stores.audit.list()).map((e) => e.kind)).toEqual(["approval.reopened", "approval.answered"]);
    home.starter.expectResume(ticket.id);
    expect((await decide({ type: "reject" })).status).toBe(202);
  });

  it("leaves a newer question alone when an older answer could not be delivered", async () => {
    const later = { ...buildTicketAwaitingApproval().approval, kind: "approvePlan", patchDigest: null } as const;
    await home.remove();
    home = await makeDashboardHome(({ tickets }) => ({
      starter: {
        start: () => Promise.reject(new Error("not scripted")),
        stop: () => Promise.reject(new Error("not scripted")),
        resume: async () => {
          await tickets.update(ticket.id, () => ({
            approval: { ...later, reasons: [], allowed: ["reject"], askedAt: 1 },
          }));
          throw new Error("cut off after the run went on");
        },
      },
    }));
    tokens = { ada: await home.tokenOf("Ada"), bob: await home.tokenOf("Bob") };
    await home.stores.tickets.open(ticket);
    expect((await decide({ type: "approve", patchDigest: digest })).status).toBe(502);
    expect((await stored()).approval).toMatchObject({ kind: "approvePlan" });
  });

  it.each([
    ["an answer that is not asked for", { type: "guide", message: "try x" }, 409, "notAllowed"],
    ["another patch", { type: "approve", patchDigest: "0".repeat(64) }, 409, "otherPatch"],
    ["a rejection of another patch", { type: "reject", patchDigest: "0".repeat(64) }, 409, "otherPatch"],
    ["an approval that names no patch", { type: "approve" }, 409, "digestNeeded"],
    ["an unknown type", { type: "yes" }, 400, "invalid"],
    ["no type", {}, 400, "invalid"],
    ["an unknown key", { type: "reject", approve: true }, 400, "invalid"],
    ["an edit without a diff", { type: "edit" }, 400, "invalid"],
    ["a diff that is no edit", { type: "approve", diff: "x" }, 400, "invalid"],
    ["guidance without words", { type: "guide", message: " " }, 400, "invalid"],
    ["not JSON", "approve", 400, "invalid"],
    ["an array", [], 400, "invalid"],
    ["a body without end", { type: "reject", message: "x".repeat(300_000) }, 413, "tooLarge"],
  ])("refuses %s, and the question stays open", async (_name, body, status, code) => {
    const reply = await decide(body);
    expect([reply.status, reply.body.error?.code]).toEqual([status, code]);
    expect(await stored()).toEqual(ticket);
    expect(home.starter.resumed).toEqual([]);
    expect(await home.stores.audit.list()).toEqual([]);
  });

  it("knows the difference between no ticket, nothing asked and already answered", async () => {
    const reject = { type: "reject" };
    expect((await decide(reject, { id: "ffffffff-0000-4000-8000-000000000000" })).status).toBe(404);
    const quiet = await home.stores.tickets.open(buildTicket());
    expect((await decide(reject, { id: quiet.id })).body.error?.code).toBe("notAsked");
    home.starter.expectResume(ticket.id);
    await decide(reject, { id: ticket.id.slice(0, 8) });
    expect((await decide(reject)).body.error?.message).toBe("Already answered: Ada said reject.");
  });

  it("has the name of whoever the token belongs to, whatever name is typed", async () => {
    home.starter.expectResume(ticket.id);
    await decide({ type: "reject", by: "Bob" });
    expect(home.starter.resumed[0]?.decision.by).toBe("Ada");
  });
});
