import { type Context, Hono } from "hono";
import type { ContentfulStatusCode } from "hono/utils/http-status";
import { DecisionType } from "../../domain/approval.ts";
import { isSameQuestion } from "../../domain/decisionResult.ts";
import type { Ticket } from "../../domain/ticket.ts";
import { type AnswerLink, readLink } from "../access/answerLinks.ts";
import type { AccessEnv } from "../access/caller.ts";
import { type AccessDeps, sameOrigin, tooMany } from "../access/requireAccess.ts";
import { answerTicket } from "../answerTicket.ts";
import type { DashboardDeps } from "../deps.ts";
import { LINK_ANSWERS, notePage, questionPage } from "./answerPage.ts";
import type { Html } from "./html.ts";

type LinkContext = Context<AccessEnv, "/answer/:token">;

/** What the answer links need. */
export type AnswerLinkDeps = DashboardDeps & Pick<AccessDeps, "addressOf" | "credentials" | "publicOrigin">;

/** The current state of a link: its question is open, or the reason why the link cannot be used. */
type Standing =
  | { kind: "open"; link: AnswerLink; ticket: Ticket }
  | { kind: "shut"; status: ContentfulStatusCode; title: string; text: string };

/**
 * Answers through a link from a message, without sign-in. A GET never answers, because mail scanners and previews
 * follow links. `answerTicket` decides, as for every other way to answer, so a link cannot be used once anybody has
 * answered.
 */
export function createAnswerRoutes(deps: AnswerLinkDeps): Hono<AccessEnv> {
  const app = new Hono<AccessEnv>();
  app.use("/answer/*", async (c, next) => {
    await next();
    c.header("Cache-Control", "no-store");
    c.header("X-Robots-Tag", "noindex, nofollow");
  });
  app.use("/answer/:token", async (c, next) => {
    const attempt = { address: deps.addressOf(c), account: null };
    const waitMs = deps.credentials.waitMs(attempt);
    if (waitMs > 0) return tooMany(c, waitMs);
    if ((await readLink(deps.settings, c.req.param("token"))) === null) await deps.credentials.failed(attempt);
    return next();
  });
  app.get("/answer/:token", async (c) => {
    const standing = await standingOf(deps, c.req.param("token"));
    if (standing.kind === "shut") return shut(c, standing);
    return c.html(questionOn(deps, standing, null));
  });
  app.post("/answer/:token", async (c) => {
    if (!sameOrigin(c, deps.publicOrigin))
      return c.html(
        notePage("Not from here", "This answer was sent by another page. Open the link and answer there."),
        403,
      );
    const standing = await standingOf(deps, c.req.param("token"));
    return standing.kind === "shut" ? shut(c, standing) : answer(deps, c, standing);
  });
  return app;
}

/** Who answers through a link: the person it was made for, or nobody by name if it went to a channel of many. */
export function linkActor(recipient: string): string {
  return /^[^\s,;@]+@[^\s,;@]+$/.test(recipient) ? `${recipient} (link)` : `answer link (${recipient})`;
}

async function answer(deps: DashboardDeps, c: LinkContext, standing: Standing & { kind: "open" }): Promise<Response> {
  const { link, ticket } = standing;
  const form = await c.req.parseBody();
  const type = DecisionType.safeParse(form.type);
  const message = typeof form.message === "string" ? form.message.trim().slice(0, 4000) : "";
  const again = (fault: string) => c.html(questionOn(deps, standing, fault), 400);
  if (!type.success || !LINK_ANSWERS.includes(type.data)) return again("That answer could not be read. Choose again.");
  if (type.data === "guide" && message === "") return again("Guidance needs some words: what should be tried?");
  const by = linkActor(link.recipient);
  const about = link.patchDigest === null ? {} : { patchDigest: link.patchDigest };
  const result = await answerTicket(deps, ticket.id, { type: type.data, by, message, ...about }, link);
  if (result.kind === "accepted")
    return c.html(notePage("Thank you", `Your answer was taken: ${type.data}. This link is used up.`));
  if (result.kind === "first") return c.html(notePage("One more person is needed", result.needs));
  if (result.kind === "undelivered") return c.html(notePage("Not delivered", result.message), 502);
  // Somebody else answered in the meantime; the page of the link then shows who.
  const now = await standingOf(deps, c.req.param("token"));
  return now.kind === "shut" ? shut(c, now) : c.html(questionOn(deps, now, result.refusal.message), 409);
}

async function standingOf(deps: DashboardDeps, token: string): Promise<Standing> {
  const link = await readLink(deps.settings, token);
  if (link === null)
    return { kind: "shut", status: 404, title: "No such link", text: "Copy the whole link, or ask for a new one." };
  const ticket = await deps.tickets.get(link.ticketId);
  if (ticket === null)
    return {
      kind: "shut",
      status: 410,
      title: "Gone",
      text: "That ticket was closed long ago and is not kept any more.",
    };
  const { approval } = ticket;
  if (!isSameQuestion(approval, link)) return settled(deps, ticket, link);
  if (approval?.patchDigest !== link.patchDigest)
    return { kind: "shut", status: 409, title: "Another patch", text: "The question is about another patch now." };
  if (deps.clock.now() >= link.expiresAt)
    return { kind: "shut", status: 410, title: "Too late", text: "This link has expired. The question is still open." };
  return { kind: "open", link, ticket };
}

/** The page for a question that is no longer open: it shows who answered. */
async function settled(deps: DashboardDeps, ticket: Ticket, link: AnswerLink): Promise<Standing> {
  const entries = await deps.audit.list({ ticketId: ticket.id });
  const taken = entries.find((e) => e.kind === "approval.answered" && e.facts.askedAt === link.askedAt);
  const last = ticket.decisions.at(-1);
  const [who, what] =
    taken === undefined ? [last?.by, last?.type] : [taken.actor.replace(/^person:/, ""), taken.facts.answer];
  const text =
    who === undefined
      ? "That question is not open any more, and nobody answered it: the work went another way."
      : `Already answered: ${who} said ${String(what)}.`;
  return { kind: "shut", status: 409, title: "Already answered", text };
}

function questionOn(deps: DashboardDeps, { link, ticket }: Standing & { kind: "open" }, fault: string | null): Html {
  return questionPage({ ticket, recipient: link.recipient, expiresAt: link.expiresAt, now: deps.clock.now(), fault });
}

function shut(c: LinkContext, { status, title, text }: Standing & { kind: "shut" }): Response | Promise<Response> {
  return c.html(notePage(title, text), status);
}
