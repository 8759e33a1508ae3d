import { expect, it, onTestFinished } from "vitest";
import { createAnswerLinks } from "../../../src/dashboard/access/answerLinks.ts";
import { fingerprint } from "../../../src/ingest/grouping/fingerprint.ts";
import { lesson } from "../../contract/lessonStore.ts";
import { callApi } from "../../helpers/apiCalls.ts";
import { makeDashboardHome } from "../../helpers/dashboardHome.ts";
import { signIn } from "../../helpers/dashboardSession.ts";
import { buildEvent } from "../../helpers/eventBuilder.ts";
import { buildTicketAwaitingApproval } from "../../helpers/ticketBuilder.ts";

const SECRET = "only-for-people-of-beta";
const SUPPRESSION = "dddddddd-0000-4000-8000-000000000001";

async function homeOfTwo() {
  const home = await makeDashboardHome(() => ({ twoPersonRule: () => true }));
  onTestFinished(() => home.remove());
  const { stores } = home;
  const issues: Record<string, string> = {};
  for (const service of ["alpha", "beta"]) {
    const event = buildEvent({
      service,
      exception: { type: `${service}Error`, value: service === "beta" ? SECRET : "", frames: [] },
    });
    issues[service] = (await stores.issues.digest(event, fingerprint(event))).issue.id;
    await stores.lessons.add(lesson(service, { service, note: service === "beta" ? SECRET : "" }));
  }
  const id = "bbbbbbbb-0000-4000-8000-000000000001";
  const alpha = await stores.tickets.open(
    buildTicketAwaitingApproval({ service: "alpha", title: "alpha breaks", issueIds: [issues.alpha ?? ""] }),
  );
  const beta = await stores.tickets.open(
    buildTicketAwaitingApproval({ id, service: "beta", title: SECRET, issueIds: [issues.beta ?? ""] }),
  );
  for (const ticketId of [alpha.id, beta.id])
    await stores.audit.append({
      kind: "ticket.opened",
      actor: "rules",
      ticketId,
      facts: { title: ticketId === id ? SECRET : "" },
    });
  await stores.suppressions.add({
    id: SUPPRESSION,
    issueId: issues.beta ?? "",
    reason: SECRET,
    by: "x",
    createdAt: 0,
    expiresAt: 1e15,
    liftedAt: null,
  });
  return { home, alpha, beta, betaIssue: issues.beta ?? "" };
}

it("shows whoever may see one service nothing of another, in lists, counts, pages and details", async () => {
  const { home, alpha, beta, betaIssue } = await homeOfTwo();
  const token = await home.tokenOf("ada", [{ role: "approver", services: ["alpha"] }]);
  const get = (path: string) => callApi(home, "GET", path, undefined, token);
  const lists = [
    "tickets",
    "tickets?service=beta",
    "issues",
    "issues?service=beta",
    "audit",
    `audit?ticketId=${beta.id}`,
    "memory",
    "memory?service=beta",
    "suppressions",
    "autonomy",
    "issue-rules",
    "status",
  ];
  for (const list of lists) {
    const { status, body } = await get(`/v1/${list}`);
    expect([list, status]).toEqual([list, 200]);
    const text = JSON.stringify(body);
    for (const hidden of [SECRET, beta.id, betaIssue]) expect(text).not.toContain(hidden);
  }
  expect((await get("/v1/tickets")).body.tickets).toMatchObject([{ id: alpha.id }]);
  expect((await get("/v1/audit")).body.entries).toMatchObject([{ ticketId: alpha.id }]);
  expect((await get("/v1/status")).body).toMatchObject({ openApprovals: 1 });
  const gone = await get("/v1/tickets/cccccccc-0000-4000-8000-000000000000");
  for (const path of [
    `tickets/${beta.id}`,
    `tickets/${beta.id.slice(0, 8)}`,
    `tickets/${beta.id}/receipt`,
    `issues/${betaIssue}`,
  ])
    expect(await get(`/v1/${path}`)).toEqual(gone);
  for (const [method, path, body] of [
    ["POST", `/v1/tickets/${beta.id}/decision`, { type: "reject" }],
    ["POST", "/v1/start", { of: beta.id }],
    ["POST", "/v1/start", { of: betaIssue }],
    ["POST", "/v1/suppressions", { of: betaIssue, reason: "x", forMs: 1000 }],
    ["POST", `/v1/issues/${alpha.issueIds[0]}/merge`, { into: betaIssue }],
    ["DELETE", `/v1/suppressions/${SUPPRESSION}`, undefined],
  ] as const)
    expect([path, (await callApi(home, method, path, body, token)).status]).toEqual([path, 404]);
  const ada = await signIn(home, "ada", [{ role: "approver", services: ["alpha"] }]);
  expect(await (await ada.page("/")).text()).toContain("alpha breaks");
  for (const path of ["/", `/tickets/${alpha.id}`, "/autonomy"])
    expect(await (await ada.page(path)).text()).not.toContain(SECRET);
  expect((await ada.page(`/tickets/${beta.id}`)).status).toBe(404);
});

it("two people: the first approval leaves the question open, one person cannot give both, nor a link", async () => {
  const { home, alpha } = await homeOfTwo();
  const { patch } = alpha;
  await home.stores.tickets.update(alpha.id, () => ({
    contributors: ["ada"],
    review: { patchDigest: patch?.digest ?? "", by: ["scanners"], findings: [], unavailable: [] },
  }));
  const [ada, bob] = [await home.tokenOf("ada"), await home.tokenOf("bob")];
  const yes = { type: "approve", patchDigest: patch?.digest, by: "bob" };
  const approve = (token: string) => callApi(home, "POST", `/v1/tickets/${alpha.id}/decision`, yes, token);
  for (let i = 0; i < 2; i += 1)
    expect((await approve(ada)).body).toMatchObject({
      accepted: false,
      needs: expect.stringContaining("One more person"),
    });
  expect((await home.stores.tickets.get(alpha.id))?.approval).toMatchObject({ approvedBy: ["ada"] });
  const links = createAnswerLinks({ settings: home.stores.settings, publicUrl: "http://localhost", clock: home.clock });
  const link =
    (await links.linkFor(
      alpha.id,
      alpha.approval ??
        (() => {
          throw new Error("nothing is asked");
        })(),
      "bob@example.org",
    )) ?? "";
  const send = async (origin?: string) =>
    home.app.request(new URL(link).pathname, {
      method: "POST",
      body: new URLSearchParams({ type: "approve" }),
      headers: origin === undefined ? {} : { origin },
    });
  expect([(await send()).status, (await send("http://evil.test")).status, (await send("null")).status]).toEqual([
    403, 403, 403,
  ]);
  expect(await (await send("http://localhost")).text()).toContain("sign in to approve");
  expect(home.starter.resumed).toEqual([]);
  home.starter.expectResume(alpha.id);
  expect((await approve(bob)).body).toEqual({ ticketId: alpha.id, accepted: true });
  const actors = (await home.stores.audit.list({ ticketId: alpha.id })).map(({ kind, actor }) => `${kind} ${actor}`);
  expect(actors).toEqual([
    "approval.answered person:bob",
    "approval.seconded person:ada",
    "approval.seconded person:ada",
    "ticket.opened rules",
  ]);
});
