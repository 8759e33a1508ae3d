import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createAnswerLinks, readLink } from "../../../src/dashboard/access/answerLinks.ts";
import type { Ticket } from "../../../src/domain/ticket.ts";
import { callApi } from "../../helpers/apiCalls.ts";
import { type DashboardHome, makeDashboardHome } from "../../helpers/dashboardHome.ts";
import { buildTicket, buildTicketAwaitingApproval } from "../../helpers/ticketBuilder.ts";

const PUBLIC = "https://heal.example.org/selfheal/";
const DAY = 86_400_000;

let home: DashboardHome;
let ticket: Ticket;
beforeEach(async () => {
  home = await makeDashboardHome();
  ticket = await home.stores.tickets.open(buildTicketAwaitingApproval());
});
afterEach(() => home.remove());

async function linkTo(asked: Ticket, recipient = "ada@example.org"): Promise<string> {
  const links = createAnswerLinks({ settings: home.stores.settings, publicUrl: PUBLIC, clock: home.clock });
  const link = await links.linkFor(asked.id, asked.approval ?? fail(), recipient);
  return new URL(link ?? fail()).pathname.replace(/^\/selfheal/, "");
}
function fail(): never {
  throw new Error("the ticket asks nothing");
}
const look = async (path: string) => home.app.request(path);
const send = async (path: string, fields: Record<string, string>, origin = "http://localhost") =>
  home.app.request(path, { method: "POST", body: new URLSearchParams(fields), headers: { origin } });
const stored = async () => (await home.stores.tickets.get(ticket.id)) ?? fail();

describe("a link in a message", () => {
  it("shows what is asked and who answers, and changes nothing however often it is looked at", async () => {
    const path = await linkTo(ticket);
    for (let i = 0; i < 3; i += 1) await look(path);
    const page = await look(path);
    const text = await page.text();
    expect(page.status).toBe(200);
    expect(text).toContain("Deploy this patch?");
    expect(text).toContain("You answer as ada@example.org");
    expect(text).toContain("src/cart.js");
    expect([...text.matchAll(/name="type" value="(\w+)"/g)].map((m) => m[1])).toEqual(["approve", "reject"]);
    expect(text).not.toContain(home.token);
    expect(text).not.toContain("user.address");
    expect(page.headers.get("x-robots-tag")).toBe("noindex, nofollow");
    expect(page.headers.get("cache-control")).toBe("no-store");
    expect(page.headers.get("content-security-policy")).toContain("default-src 'none'");
    expect(await stored()).toEqual(ticket);
  });

  it("answers once, as its recipient; used, it says who answered", async () => {
    const path = await linkTo(ticket);
    home.starter.expectResume(ticket.id);
    const reply = await send(path, { type: "approve", message: "go" });
    expect([reply.status, await reply.text()]).toEqual([
      200,
      expect.stringContaining("Your answer was taken: approve"),
    ]);
    const decision = {
      type: "approve",
      by: "ada@example.org (link)",
      message: "go",
      patchDigest: ticket.patch?.digest,
    };
    expect(home.starter.resumed).toEqual([{ threadId: ticket.id, decision }]);
    expect((await home.stores.audit.list())[0]).toMatchObject({ actor: "person:ada@example.org (link)" });
    for (const again of [await look(path), await send(path, { type: "reject" })]) {
      expect(again.status).toBe(409);
      expect(await again.text()).toContain("Already answered: ada@example.org (link) said approve.");
    }
    expect((await stored()).decisions).toHaveLength(1);
  });

  it("of two links, and of a link and the API, one wins and the other is told", async () => {
    home.starter.expectResume(ticket.id);
    const replies = await Promise.all([
      send(await linkTo(ticket, "ada"), { type: "approve" }),
      send(await linkTo(ticket, "bob"), { type: "reject" }),
    ]);
    expect(replies.map((r) => r.status).sort()).toEqual([200, 409]);
    const other = await home.stores.tickets.open(
      buildTicketAwaitingApproval({ id: "aaaaaaaa-0000-4000-8000-000000000001" }),
    );
    const path = await linkTo(other);
    home.starter.expectResume(other.id);
    const [byLink, byApi] = await Promise.all([
      send(path, { type: "reject" }),
      callApi(home, "POST", `/v1/tickets/${other.id}/decision`, { type: "reject", by: "Eve" }),
    ]);
    expect([byLink.status === 200, byApi.status === 202].filter(Boolean)).toHaveLength(1);
    const loser = byLink.status === 200 ? byApi.body.error?.message : await byLink.text();
    expect(loser).toContain("Already answered: ");
  });

  it("is about one question: another patch, a later question and a gone ticket are refused", async () => {
    const path = await linkTo(ticket);
    const asked = ticket.approval ?? fail();
    await home.stores.tickets.update(ticket.id, () => ({ approval: { ...asked, patchDigest: "0".repeat(64) } }));
    expect([(await look(path)).status, (await send(path, { type: "approve" })).status]).toEqual([409, 409]);
    await home.stores.tickets.update(ticket.id, () => ({ approval: { ...asked, askedAt: asked.askedAt + 1 } }));
    expect((await send(path, { type: "approve" })).status).toBe(409);
    const gone = await linkTo({ ...ticket, id: "ffffffff-0000-4000-8000-000000000000" });
    expect((await look(gone)).status).toBe(410);
    expect(home.starter.resumed).toEqual([]);
  });

  it("ends after its time, while the question stays open", async () => {
    const path = await linkTo(ticket);
    home.clock.advance(7 * DAY - 1);
    expect((await look(path)).status).toBe(200);
    home.clock.advance(1);
    expect((await send(path, { type: "approve" })).status).toBe(410);
    expect(await stored()).toEqual(ticket);
  });

  it.each([
    ["an edit", { type: "edit", diff: "diff --git a/x b/x" }],
    ["a hand-over", { type: "takeOver" }],
    ["an answer to another question", { type: "dismiss" }],
    ["guidance without words", { type: "guide", message: " " }],
    ["no answer", {}],
    ["something else", { type: "yes" }],
  ])("takes no %s", async (_name, fields) => {
    const reply = await send(await linkTo(ticket), fields as Record<string, string>);
    expect([400, 409]).toContain(reply.status);
    expect(await stored()).toEqual(ticket);
    expect(home.starter.resumed).toEqual([]);
  });

  it("guides or dismisses an escalation", async () => {
    const approval = { kind: "escalate", patchDigest: null, reasons: ["stuck"], askedAt: 5 } as const;
    const allowed: ("guide" | "takeOver" | "dismiss")[] = ["guide", "takeOver", "dismiss"];
    const stuck = await home.stores.tickets.open(
      buildTicket({ state: "escalated", approval: { ...approval, allowed, reasons: ["stuck"] } }),
    );
    const path = await linkTo(stuck);
    const offered = [...(await (await look(path)).text()).matchAll(/name="type" value="(\w+)"/g)].map((m) => m[1]);
    expect(offered).toEqual(["guide", "dismiss"]);
    home.starter.expectResume(stuck.id);
    expect((await send(path, { type: "guide", message: "look at the cart" })).status).toBe(200);
    expect(home.starter.resumed[0]?.decision).toMatchObject({ type: "guide", message: "look at the cart" });
  });

  it("whose run cannot be told leaves the question open, and is still good", async () => {
    const path = await linkTo(ticket);
    home.starter.expectResume(ticket.id, new Error("the disk is full"));
    expect((await send(path, { type: "approve" })).status).toBe(502);
    expect((await look(path)).status).toBe(200);
  });

  it("without a public URL there is none", async () => {
    const links = createAnswerLinks({ settings: home.stores.settings, publicUrl: undefined, clock: home.clock });
    expect(await links.linkFor(ticket.id, ticket.approval ?? fail(), "ada")).toBeNull();
  });
});

describe("a token that was not made here", () => {
  it("opens nothing, whatever was changed in it", async () => {
    const good = (await linkTo(ticket)).replace("/answer/", "");
    const { settings } = home.stores;
    expect(await readLink(settings, good)).toMatchObject({ ticketId: ticket.id, recipient: "ada@example.org" });
    const flipped = fc.nat(good.indexOf(".") - 1).map((at) => {
      const other = good[at] === "A" ? "B" : "A";
      return `${good.slice(0, at)}${other}${good.slice(at + 1)}`;
    });
    await fc.assert(
      fc.asyncProperty(fc.oneof(flipped, fc.string(), fc.base64String()), async (token) => {
        expect(await readLink(settings, token)).toBeNull();
      }),
      { numRuns: 300 },
    );
    expect((await look("/answer/x.y")).status).toBe(404);
    expect((await send(`/answer/${good}x`, { type: "approve" })).status).toBe(404);
    await settings.set("answerLinkSecret", "another");
    expect(await readLink(settings, good)).toBeNull();
  });
});
