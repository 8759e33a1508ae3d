import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Ticket } from "../../../src/domain/ticket.ts";
import { type DashboardHome, makeDashboardHome } from "../../helpers/dashboardHome.ts";
import { type DashboardSession, signIn } from "../../helpers/dashboardSession.ts";
import { buildEvent } from "../../helpers/eventBuilder.ts";
import {
  BUILT_DIFF,
  buildEvidence,
  buildObservation,
  buildPatch,
  buildPlan,
  buildTicket,
  buildTicketAwaitingApproval,
} from "../../helpers/ticketBuilder.ts";

let home: DashboardHome;
let ada: DashboardSession;
beforeEach(async () => {
  home = await makeDashboardHome();
  ada = await signIn(home);
});
afterEach(() => home.remove());

const text = async (path: string) => (await ada.page(path)).text();
const FINGERPRINT = { algorithm: 1, family: "f", strict: "s", why: "a test" };

describe("the overview", () => {
  it("says so when there is nothing yet", async () => {
    const page = await text("/");
    expect(page).toContain("No tickets yet");
    expect(page).toContain("No exception has arrived yet");
    expect(page).not.toContain("Waiting for you");
  });

  it("groups issues by root cause, and shows what waits with its patch's digest", async () => {
    const { issue } = await home.stores.issues.digest(buildEvent(), FINGERPRINT);
    await home.stores.issues.digest(buildEvent(), { ...FINGERPRINT, family: "loose" });
    const ticket = await home.stores.tickets.open(buildTicketAwaitingApproval({ issueIds: [issue.id] }));
    const page = await text("/");
    expect(page).toContain(`name="patchDigest" value="${ticket.patch?.digest}"`);
    expect(page).toContain("1 issue · 1 event");
    expect(page).toContain("Not grouped yet");
    expect(page).toContain("user.address?.city");
  });

  it("shows what is open and the newest that is closed, and counts all", async () => {
    const closed = { state: "healed", closedAt: 1 } as const;
    const old = await home.stores.tickets.open(buildTicket({ ...closed, openedAt: 1, title: "the oldest" }));
    await home.stores.tickets.open(buildTicket({ openedAt: 2, title: "open for long" }));
    await Promise.all(Array.from({ length: 100 }, () => home.stores.tickets.open(buildTicket(closed))));
    const page = await text("/");
    expect(page).not.toContain("the oldest");
    expect(page).toContain("open for long");
    expect(page).toContain("The newest 101 of 102 tickets");
    expect(page).toContain("<strong>101</strong><span>healed</span>");
    await home.stores.tickets.update(old.id, () => ({ openedAt: Date.now() }));
    expect(await text("/")).toContain("the oldest");
  });

  it("pauses and resumes by its button", async () => {
    expect((await ada.send("/pause", {})).status).toBe(303);
    expect(await text("/")).toContain("Paused: no run starts");
    expect((await home.stores.audit.list())[0]).toMatchObject({ kind: "system.paused", actor: "person:Ada" });
    await ada.send("/resume", {});
    expect(await text("/")).not.toContain("Paused: no run starts");
  });
});

describe("answering by form", () => {
  it("approves exactly what was shown, in the person's name", async () => {
    const ticket = await home.stores.tickets.open(buildTicketAwaitingApproval());
    home.starter.expectResume(ticket.id);
    const digest = ticket.patch?.digest ?? "";
    const path = `/tickets/${ticket.id}/decision`;
    const reply = await ada.send(path, { type: "approve", patchDigest: digest, message: " ok ", from: "overview" });
    expect(reply.headers.get("location")).toBe(`/?answered=${ticket.id.slice(0, 8)}`);
    expect(home.starter.resumed[0]?.decision).toEqual({
      type: "approve",
      by: "Ada",
      message: "ok",
      patchDigest: digest,
    });
    expect(await text(`/?answered=${ticket.id.slice(0, 8)}`)).toContain("was taken");
    expect(await text(`/tickets/${ticket.id}`)).toContain("<strong>Ada</strong> approved");
    const again = await ada.send(path, { type: "reject" });
    expect(again.status).toBe(409);
    expect(await again.text()).toContain("Already answered: Ada said approve.");
  });

  it.each([
    ["another patch", { type: "approve", patchDigest: "0".repeat(64) }, 409, "now, not that one"],
    ["an approval of nothing in particular", { type: "approve" }, 409, "Say which patch"],
    ["no answer", {}, 400, "could not be read"],
    ["guidance without words", { type: "guide" }, 400, "needs some words"],
  ])("refuses %s and says why", async (_name, fields, status, words) => {
    const ticket = await home.stores.tickets.open(buildTicketAwaitingApproval());
    const reply = await ada.send(`/tickets/${ticket.id}/decision`, fields as Record<string, string>);
    expect(reply.status).toBe(status);
    expect(await reply.text()).toContain(words);
    expect((await home.stores.tickets.get(ticket.id))?.approval).toEqual(ticket.approval);
  });

  it("says when the run could not be told", async () => {
    const ticket = await home.stores.tickets.open(buildTicketAwaitingApproval());
    home.starter.expectResume(ticket.id, new Error("locked"));
    const reply = await ada.send(`/tickets/${ticket.id}/decision`, { type: "reject" });
    expect(reply.status).toBe(502);
    expect(await reply.text()).toContain("The question is open again");
  });
});

describe("a ticket's page", () => {
  it("shows the whole receipt", async () => {
    const granted = await home.stores.journal.intend({
      key: "k",
      ticketId: "t",
      service: "shop-api",
      patchDigest: buildPatch().digest,
      branch: "auto-fix/ticket-1",
      commit: "c".repeat(40),
      previousCommit: "d".repeat(40),
      auto: true,
    });
    const deploymentId = granted.kind === "granted" ? granted.deployment.id : null;
    const { issue } = await home.stores.issues.digest(buildEvent(), FINGERPRINT);
    const ticket = await home.stores.tickets.open(
      buildTicketAwaitingApproval({
        deploymentId,
        issueIds: [issue.id],
        evidence: buildEvidence({ shortfalls: ["flaky suite"], infrastructure: "git was killed" }),
      }),
    );
    await home.stores.audit.append({
      kind: "gate.decided",
      actor: "system",
      ticketId: ticket.id,
      facts: { missing: ["autonomy"] },
    });
    const page = await text(`/tickets/${ticket.id.slice(0, 8)}`);
    for (const words of [
      "Fails, as it should",
      "Passes, as it should",
      "flaky suite",
      "git was killed",
      "canary",
      "bubblewrap: no network",
      "Asks a person",
      "auto-fix/ticket-1",
      "Under way",
      "Gate decided",
      "at city (/srv/shop/src/cart.js:12:23)",
      "Let guests check out",
    ]) {
      expect(page).toContain(words);
    }
    expect((await ada.page("/tickets/nothere")).status).toBe(404);
  });

  it("shows a reproduction that stays red, and one that could not run, as no success", async () => {
    const stuck = buildObservation({ end: { kind: "timeout", afterMs: 1000 } });
    const evidence = buildEvidence({ reproductionBase: { ...stuck, on: "base" }, reproductionPatch: stuck });
    const ticket = await home.stores.tickets.open(buildTicketAwaitingApproval({ evidence }));
    const page = await text(`/tickets/${ticket.id}`);
    expect(page.match(/Fails, but should not/g)).toHaveLength(2);
    expect(page).toContain("timed out after 1000 ms");
  });
});

const HOSTILE = `"><script>alert(1)</script><img src=x onerror='alert(2)'>\u202E\u200B\u001b[31m&amp;`;

/** A ticket whose every text is the attacker's. */
function hostileTicket(issueId: string): Ticket {
  const tail = HOSTILE;
  const patch = { ...buildPatch(), by: HOSTILE, explanation: HOSTILE, files: [HOSTILE], baseCommit: HOSTILE };
  const observation = buildObservation({ command: HOSTILE, tail, end: { kind: "unstartable", reason: HOSTILE } });
  return buildTicketAwaitingApproval({
    title: HOSTILE,
    service: HOSTILE,
    rootCause: HOSTILE,
    reason: HOSTILE,
    issueIds: [issueId],
    patch,
    plan: buildPlan({
      rootCause: HOSTILE,
      reason: HOSTILE,
      by: HOSTILE,
      files: [HOSTILE],
      wouldChangeMind: HOSTILE,
      places: [{ file: HOSTILE, line: 1, function: HOSTILE }],
      culprits: [{ commit: HOSTILE, subject: HOSTILE, why: HOSTILE }],
    }),
    attempts: [{ number: 1, patch, outcome: HOSTILE, grade: "E0", rejected: [HOSTILE], tokens: 3 }],
    evidence: buildEvidence({
      suiteBase: observation,
      infrastructure: HOSTILE,
      shortfalls: [HOSTILE],
      notChecked: [HOSTILE],
    }),
    review: {
      patchDigest: patch.digest,
      by: [HOSTILE],
      unavailable: [HOSTILE],
      findings: [{ rule: HOSTILE, weight: "hard", path: HOSTILE, line: 1, message: HOSTILE }],
    },
    gate: { verdict: "refuse", missing: [HOSTILE], refusedBy: [HOSTILE], patchDigest: patch.digest, decidedAt: 1 },
    approval: { kind: "approveDeploy", patchDigest: patch.digest, reasons: [HOSTILE], allowed: ["reject"], askedAt: 1 },
    decisions: [{ type: "edit", by: HOSTILE, message: HOSTILE }],
  });
}

it("runs nothing and hides nothing of what an attacker wrote", async () => {
  const frame = { file: HOSTILE, function: HOSTILE, inApp: true };
  const exception = { type: HOSTILE, value: HOSTILE, frames: [frame] };
  const { issue } = await home.stores.issues.digest(buildEvent({ exception }), FINGERPRINT);
  const ticket = await home.stores.tickets.open(hostileTicket(issue.id));
  await home.stores.audit.append({
    kind: "ticket.opened",
    actor: HOSTILE,
    ticketId: ticket.id,
    facts: { [HOSTILE]: HOSTILE, list: [HOSTILE] },
  });
  const eve = await signIn(home, "Eve");
  for (const path of ["/", `/tickets/${ticket.id}`]) {
    const page = await (await eve.page(path)).text();
    expect(page).not.toMatch(/<script>|<img/);
    for (const hidden of ["\u202E", "\u200B", "\u001b"]) expect(page).not.toContain(hidden);
    expect(page).toContain("&lt;script&gt;alert(1)&lt;/script&gt;");
    expect(page.match(/<script/g)).toHaveLength(1);
  }
});

it("shows what a diff hides", async () => {
  const diff = BUILT_DIFF.replace('?? ""', '?? "\u202E</td><script>"');
  await home.stores.blobs.put(diff);
  const patch = buildPatch({ diff });
  const ticket = await home.stores.tickets.open(buildTicketAwaitingApproval({ patch }));
  expect(await text(`/tickets/${ticket.id}`)).toContain("⟨U+202E⟩&lt;/td&gt;&lt;script&gt;");
});

it("shows a program with the token the page, but no forms", async () => {
  await home.stores.tickets.open(buildTicketAwaitingApproval());
  const headers = { authorization: `Bearer ${home.token}`, accept: "text/html" };
  expect(await (await home.app.request("/", { headers })).text()).not.toContain("<form");
  const form = await home.app.request("/pause", { method: "POST", headers });
  expect(form.status).toBe(403);
});

it("opens on a ticket that has nothing yet", async () => {
  const ticket = await home.stores.tickets.open(buildTicket());
  expect(await text(`/tickets/${ticket.id}`)).toContain("Nothing is recorded yet");
});
