import { type Context, Hono } from "hono";
import { mayEverywhere, maySomewhere } from "../../domain/access.ts";
import { DecisionType } from "../../domain/approval.ts";
import type { CapturedEvent } from "../../domain/event.ts";
import { Autonomy } from "../../domain/service.ts";
import type { Ticket } from "../../domain/ticket.ts";
import { type AccessEnv, callerMay, sessionFor, visibleServices } from "../access/caller.ts";
import type { Session } from "../access/sessions.ts";
import { answerTicket } from "../answerTicket.ts";
import { createManualActionForms } from "../api/manualActionRoutes.ts";
import { readStats } from "../api/statsRoutes.ts";
import type { DashboardDeps } from "../deps.ts";
import { jsonError } from "../errorResponses.ts";
import { findTicket, readReceipt } from "../readTicketReceipt.ts";
import { readStatus, setPaused } from "../systemStatus.ts";
import { isVisible, visibleCounts, visibleIssues, visibleTickets } from "../visible.ts";
import { autonomyBody } from "./autonomyPage.ts";
import type { Html } from "./html.ts";
import { short } from "./htmlParts.ts";
import { ingestBody } from "./ingestPage.ts";
import { type Notice, type PageFrame, page } from "./layout.ts";
import { overviewBody } from "./overviewPage.ts";
import { ticketBody } from "./ticketPage.ts";
import { createUserPages } from "./userPageRoutes.ts";

type PageContext = Context<AccessEnv>;

/** The dashboard's pages and the forms on them. Mount it behind `requireAccess`. */
export function createPages(deps: DashboardDeps): Hono<AccessEnv> {
  const app = new Hono<AccessEnv>();

  app.get("/", async (c) => c.html(await overviewPage(deps, c)));
  app.get("/tickets/:id", async (c) => {
    const lookup = await findTicket(deps, c.req.param("id"));
    return lookup.kind === "found" ? c.html(await ticketPage(deps, c, lookup.ticket)) : notFound(c);
  });
  app.post("/tickets/:id/decision", (c) => decide(deps, c));
  app.route(
    "/",
    createManualActionForms(deps, (c, id, text) => showTicket(deps, c, id, { tone: "bad", text }, 409)),
  );
  app.get("/autonomy", async (c) => c.html(await autonomyPage(deps, c)));
  app.get("/ingest", async (c) => {
    const [report, frame] = await Promise.all([readStats(deps), frameOf(deps, c, "Ingest")]);
    return c.html(page(frame, ingestBody(report, deps.clock.now())));
  });
  app.post("/autonomy", (c) => changeLevel(deps, c));
  app.route(
    "/",
    createUserPages(deps, async (c, title, body, notice) => page(await frameOf(deps, c, title, notice), body)),
  );
  for (const [path, paused] of [
    ["/pause", true],
    ["/resume", false],
  ] as const) {
    app.post(path, async (c) => {
      const session = sessionIn(c);
      if (session === null) return formsNeedSession(c);
      await setPaused(deps, paused, session.by);
      return c.redirect("/", 303);
    });
  }
  return app;
}

async function decide(deps: DashboardDeps, c: PageContext): Promise<Response> {
  const session = sessionIn(c);
  if (session === null) return formsNeedSession(c);
  const lookup = await findTicket(deps, c.req.param("id") ?? "");
  if (lookup.kind !== "found") return notFound(c);
  const { ticket } = lookup;
  const form = await c.req.parseBody();
  const type = DecisionType.safeParse(form.type);
  const message = typeof form.message === "string" ? form.message.trim().slice(0, 4000) : "";
  const faulty = (text: string, status: 400 | 409 | 502) =>
    showTicket(deps, c, ticket.id, { tone: "bad", text }, status);
  if (!type.success) return faulty("That answer could not be read. Please choose again.", 400);
  if (type.data === "guide" && message === "") return faulty("Guidance needs some words: what should be tried?", 400);
  const result = await answerTicket(deps, ticket.id, {
    type: type.data,
    by: session.by,
    message,
    ...(typeof form.patchDigest === "string" ? { patchDigest: form.patchDigest } : {}),
  });
  if (result.kind === "first") return showTicket(deps, c, ticket.id, { tone: "good", text: result.needs }, 200);
  if (result.kind === "refused") return faulty(result.refusal.message, 409);
  if (result.kind === "undelivered") return faulty(result.message, 502);
  return c.redirect(`${form.from === "overview" ? "/" : `/tickets/${ticket.id}`}?answered=${short(ticket.id)}`, 303);
}

async function autonomyPage(deps: DashboardDeps, c: PageContext): Promise<Html> {
  const visible = visibleServices(c);
  const [rows, frame] = await Promise.all([deps.autonomy.report(), frameOf(deps, c, "Autonomy")]);
  const shown = rows.filter(({ service }) => isVisible(visible, service));
  return page(
    frame,
    autonomyBody(shown, (service) => sessionFor(c, "admin", service), deps.clock.now()),
  );
}

/** Changes a level. An empty level removes the override. */
async function changeLevel(deps: DashboardDeps, c: PageContext): Promise<Response> {
  const session = sessionIn(c);
  if (session === null) return formsNeedSession(c);
  const form = await c.req.parseBody();
  const level = Autonomy.nullable().safeParse(form.level === "" ? null : form.level);
  const known = (await deps.autonomy.report()).some((row) => row.service === form.service);
  if (!level.success || !known || typeof form.service !== "string") return notFound(c);
  if (!callerMay(c, "admin", form.service)) return notFound(c);
  await deps.autonomy.change({ service: form.service, severity: null, level: level.data, by: session.by });
  return c.redirect("/autonomy", 303);
}

/** How many closed tickets and how many Issues the first page shows: people look there for what is new. */
const SHOWN = 100;

async function overviewPage(deps: DashboardDeps, c: PageContext): Promise<Html> {
  const { tickets: book } = deps;
  const visible = visibleServices(c);
  const [open, closed, issues, frame] = await Promise.all([
    visibleTickets(book, visible, { open: true }),
    visibleTickets(book, visible, { open: false, limit: SHOWN }),
    visibleIssues(deps.issues, visible, { limit: SHOWN }),
    frameOf(deps, c, "Overview", answeredNotice(c)),
  ]);
  const counts = await visibleCounts(book, visible);
  const waiting = await visibleTickets(book, visible, { asking: true });
  const ofIssues = await Promise.all(issues.map(({ id }) => book.list({ issueId: id })));
  const body = overviewBody({
    counts,
    waiting,
    tickets: [...open, ...closed].toSorted((a, b) => b.openedAt - a.openedAt),
    issues,
    causes: [...new Map(ofIssues.flat().map((ticket) => [ticket.id, ticket])).values()],
    diffs: await openDiffs(deps, waiting),
    sessionFor: (service) => sessionFor(c, "approver", service),
    now: deps.clock.now(),
  });
  return page(frame, body);
}

async function ticketPage(
  deps: DashboardDeps,
  c: PageContext,
  ticket: Ticket,
  notice = answeredNotice(c),
): Promise<Html> {
  const [receipt, frame, sample] = await Promise.all([
    readReceipt(deps, ticket, visibleServices(c)),
    frameOf(deps, c, `Ticket ${short(ticket.id)}`, notice),
    newestSample(deps, ticket),
  ]);
  const session = sessionFor(c, "approver", ticket.service);
  return page(frame, ticketBody({ receipt, sample, session, now: deps.clock.now() }));
}

async function showTicket(
  deps: DashboardDeps,
  c: PageContext,
  id: string,
  notice: Notice,
  status: 200 | 400 | 409 | 502,
): Promise<Response> {
  const ticket = await deps.tickets.get(id);
  return ticket === null ? notFound(c) : c.html(await ticketPage(deps, c, ticket, notice), status);
}

async function openDiffs(deps: DashboardDeps, tickets: readonly Ticket[]): Promise<Map<string, string>> {
  const digests = tickets.flatMap((t) => t.approval?.patchDigest ?? []);
  const diffs = await Promise.all(digests.map(async (d) => [d, await deps.blobs.get(d)] as const));
  return new Map(diffs.flatMap(([digest, diff]) => (diff === null ? [] : [[digest, diff] as const])));
}

async function newestSample(deps: DashboardDeps, ticket: Ticket): Promise<CapturedEvent | null> {
  const samples = await Promise.all(ticket.issueIds.map((id) => deps.issues.samples(id, 1)));
  return samples.flat().toSorted((a, b) => b.receivedAt - a.receivedAt)[0] ?? null;
}

function answeredNotice(c: PageContext): Notice | null {
  const id = c.req.query("answered");
  const known = id !== undefined && /^[0-9a-f]{8}$/.test(id);
  return known ? { tone: "good", text: `Your answer on ticket ${id} was taken.` } : null;
}

function sessionIn(c: PageContext): Session | null {
  return c.get("caller").session;
}

/** What every page has around its body. */
async function frameOf(
  deps: DashboardDeps,
  c: PageContext,
  title: string,
  notice: Notice | null = null,
): Promise<PageFrame> {
  const status = await readStatus(deps, visibleServices(c));
  const { session, grants } = c.get("caller");
  return {
    title,
    status,
    session,
    notice,
    mayPause: maySomewhere(grants, "approver"),
    mayResume: mayEverywhere(grants, "admin"),
  };
}

function formsNeedSession(c: PageContext): Response {
  return jsonError(c, 403, "formsNeedSession", "Forms are for people who signed in. Programs use the API under /v1.");
}

function notFound(c: PageContext): Response {
  return c.text("There is no such ticket.", 404);
}
