import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type ApiReply, callApi } from "../../helpers/apiCalls.ts";
import { type DashboardHome, makeDashboardHome } from "../../helpers/dashboardHome.ts";
import { buildEvent } from "../../helpers/eventBuilder.ts";
import { BUILT_AT, BUILT_DIFF, buildTicket, buildTicketAwaitingApproval } from "../../helpers/ticketBuilder.ts";

let home: DashboardHome;
beforeEach(async () => {
  home = await makeDashboardHome();
});
afterEach(() => home.remove());

const get = (path: string) => callApi(home, "GET", path);
const ids = (reply: ApiReply) => (reply.body.tickets as { id: string }[]).map((t) => t.id);

describe("GET /v1/tickets", () => {
  it("lists newest first, and filters by state and service", async () => {
    const old = await home.stores.tickets.open(buildTicket());
    const young = await home.stores.tickets.open(buildTicket({ openedAt: BUILT_AT + 1, state: "healed" }));
    const other = await home.stores.tickets.open(buildTicket({ openedAt: BUILT_AT + 2, service: "mail" }));
    expect(ids(await get("/v1/tickets"))).toEqual([other.id, young.id, old.id]);
    expect(ids(await get("/v1/tickets?state=healed"))).toEqual([young.id]);
    expect(ids(await get("/v1/tickets?service=mail"))).toEqual([other.id]);
    expect(ids(await get("/v1/tickets?service=mail&state=healed"))).toEqual([]);
  });

  it("names a state that does not exist", async () => {
    const reply = await get("/v1/tickets?state=fixed");
    expect(reply.status).toBe(400);
    expect(reply.body.error).toMatchObject({ code: "invalid", faults: [{ path: "state" }] });
  });
});

describe("GET /v1/tickets/:id/receipt", () => {
  const markdown = (path: string, accept?: string) => {
    const headers = { authorization: `Bearer ${home.token}`, ...(accept !== undefined && { accept }) };
    return home.app.request(path, { headers });
  };

  it("is JSON, and Markdown where that is asked for", async () => {
    const ticket = await home.stores.tickets.open(buildTicketAwaitingApproval());
    const path = `/v1/tickets/${ticket.id}/receipt`;
    const { status, body } = await get(path);
    expect(status).toBe(200);
    expect(body).toMatchObject({ ticketId: ticket.id, grade: "E2", notChecked: ["canary"] });
    for (const reply of [await markdown(`${path}?format=markdown`), await markdown(path, "text/markdown, */*;q=0.1")]) {
      expect(reply.headers.get("content-type")).toBe("text/markdown; charset=utf-8");
      expect(await reply.text()).toContain("## How to go back\n\n- **Roll back**: `git revert --no-edit ");
    }
    expect((await get(`${path}?format=pdf`)).status).toBe(400);
    expect((await get("/v1/tickets/unknown1/receipt")).status).toBe(404);
    expect((await home.app.request(path)).status).toBe(401);
  });
});

describe("GET /v1/tickets/:id", () => {
  it("gives the whole receipt: ticket, issues, diff, audit oldest first", async () => {
    const { issue } = await home.stores.issues.digest(buildEvent(), {
      algorithm: 1,
      family: "f",
      strict: "s",
      why: "a test",
    });
    const ticket = await home.stores.tickets.open(buildTicketAwaitingApproval({ issueIds: [issue.id, "gone"] }));
    await home.stores.audit.append({ kind: "ticket.opened", actor: "rules", ticketId: ticket.id });
    await home.stores.audit.append({ kind: "patch.tested", actor: "system", ticketId: ticket.id });
    await home.stores.audit.append({ kind: "ticket.opened", actor: "rules", ticketId: "another" });
    const { status, body } = await get(`/v1/tickets/${ticket.id}`);
    expect(status).toBe(200);
    expect(body).toMatchObject({
      ticket: { ...ticket },
      diff: BUILT_DIFF,
      issues: [{ id: issue.id }],
      deployment: null,
    });
    expect((body.audit as { kind: string }[]).map((e) => e.kind)).toEqual(["ticket.opened", "patch.tested"]);
  });

  it("takes the first six or more characters of an id when they are enough", async () => {
    const { tickets } = home.stores;
    const one = await tickets.open(buildTicket({ id: "aaaaaaaa-0000-4000-8000-000000000001" }));
    await tickets.open(buildTicket({ id: "aaaaaabb-0000-4000-8000-000000000002" }));
    expect((await get("/v1/tickets/AAAAAAAA")).body.ticket).toMatchObject({ id: one.id });
    expect((await get("/v1/tickets/aaaaaa")).body.error?.code).toBe("ambiguous");
    expect((await get("/v1/tickets/aaaaa")).status).toBe(404);
    expect((await get("/v1/tickets/bbbbbb")).body.error?.code).toBe("ticketNotFound");
  });
});

describe("the rest of the API", () => {
  it("lists issues, and audit entries newest first", async () => {
    const fingerprint = { algorithm: 1, family: "f", strict: "s", why: "a test" };
    await home.stores.issues.digest(buildEvent(), fingerprint);
    expect((await get("/v1/issues?service=shop-api")).body.issues).toMatchObject([{ count: 1 }]);
    expect((await get("/v1/issues?service=mail")).body.issues).toEqual([]);
    await home.stores.audit.append({ kind: "ticket.opened", actor: "rules", ticketId: "t" });
    await home.stores.audit.append({ kind: "ticket.proposed", actor: "rules", ticketId: "u" });
    const newest = await get("/v1/audit?limit=1");
    expect(newest.body.entries).toMatchObject([{ kind: "ticket.proposed" }]);
    expect((await get("/v1/audit?ticketId=t")).body.entries).toMatchObject([{ kind: "ticket.opened" }]);
    expect((await get("/v1/audit?limit=0")).status).toBe(400);
  });

  it("pauses and resumes once, audited with who did it", async () => {
    await home.stores.tickets.open(buildTicketAwaitingApproval());
    const pause = (body?: unknown) => callApi(home, "POST", "/v1/pause", body);
    expect((await pause({ by: "Ada" })).body).toMatchObject({ paused: true });
    expect((await pause({ by: "Bob" })).body).toMatchObject({ paused: true });
    expect(await home.stores.settings.get("paused")).toBe("true");
    expect((await get("/v1/status")).body).toEqual({
      paused: true,
      pausedBecause: "it was paused by a person",
      breaker: { open: false, rollbacks: 0 },
      tickets: { awaitingApproval: 1 },
      audit: { entries: 1, head: (await home.stores.audit.list())[0]?.hash },
      openApprovals: 1,
      sandbox: "bubblewrap",
      autonomy: "supervised",
      brain: "rules",
    });
    expect((await callApi(home, "POST", "/v1/resume")).body).toMatchObject({ paused: false });
    expect(await home.stores.settings.get("paused")).toBe("false");
    expect((await home.stores.audit.list()).map((e) => [e.kind, e.actor])).toEqual([
      ["system.resumed", "person:admin"],
      ["system.paused", "person:admin"],
    ]);
  });
});
