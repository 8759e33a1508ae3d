import { type Context, Hono } from "hono";
import { bodyLimit } from "hono/body-limit";
import { z } from "zod";
import { ApprovalDecision } from "../../domain/approval.ts";
import type { AnswerResult } from "../../domain/decisionResult.ts";
import { plainText } from "../../domain/plainText.ts";
import { receiptOf } from "../../domain/receipt.ts";
import { receiptMarkdown } from "../../domain/receiptMarkdown.ts";
import { Ticket, TicketState } from "../../domain/ticket.ts";
import { type AccessEnv, visibleServices, whoIs } from "../access/caller.ts";

import { answerTicket } from "../answerTicket.ts";
import type { DashboardDeps } from "../deps.ts";
import { jsonError } from "../errorResponses.ts";
import { deploymentOf, findTicket, readReceipt } from "../readTicketReceipt.ts";
import { readStatus, setPaused } from "../systemStatus.ts";
import { visibleIssues, visibleTickets } from "../visible.ts";
import { addAuditRoutes } from "./auditRoutes.ts";
import { addAutonomyRoutes } from "./autonomyRoutes.ts";
import { bodyOf, given, Limit, withInput } from "./input.ts";
import { addIssueRoutes } from "./issueRoutes.ts";
import { addManualActionRoutes } from "./manualActionRoutes.ts";
import { addMemoryRoutes } from "./memoryRoutes.ts";
import { SOURCE_MAPS_PATH } from "./sourceMapRoutes.ts";
import { addStatsRoutes } from "./statsRoutes.ts";
import { addSuppressionRoutes } from "./suppressionRoutes.ts";
import { addUserRoutes } from "./userRoutes.ts";

const MAX_BODY_BYTES = 256 * 1024;

const Name = z
  .string()
  .max(128)
  .transform((name) => plainText(name).trim() || "unknown");

/** The body of a decision: an ApprovalDecision whose fields are consistent. */
const DecisionBody = ApprovalDecision.extend({ by: Name.default("unknown") })
  .strict()
  .refine((d) => d.type !== "edit" || d.diff !== undefined, { path: ["diff"], message: "an edit needs the new diff" })
  .refine((d) => d.type === "edit" || d.diff === undefined, { path: ["diff"], message: "only an edit has a diff" })
  .refine((d) => d.type !== "guide" || d.message.trim() !== "", {
    path: ["message"],
    message: "guidance needs a message",
  });

const PauseBody = z.strictObject({ by: Name.default("unknown") });

const TicketQuery = z.object({
  state: TicketState.optional(),
  service: Ticket.shape.service.optional(),
  /** Absent: all of them. */
  limit: z.coerce.number().int().positive().optional(),
});
const ReceiptQuery = z.object({ format: z.enum(["json", "markdown"]).optional() });
const IssueQuery = z.object({ project: z.string().optional(), service: z.string().optional(), limit: Limit });

type ApiContext = Context<AccessEnv>;

/** The REST API under /v1. Mount it behind `requireAccess`. */
export function createApi(deps: DashboardDeps): Hono<AccessEnv> {
  const api = new Hono<AccessEnv>();
  const tooLarge = (c: Context) => jsonError(c, 413, "tooLarge", `The body is over ${MAX_BODY_BYTES} bytes.`);
  const limited = bodyLimit({ maxSize: MAX_BODY_BYTES, onError: tooLarge });
  // Source maps are large and have their own limit.
  api.use("/v1/*", (c, next) => (c.req.path === SOURCE_MAPS_PATH ? next() : limited(c, next)));

  api.get("/v1/tickets", (c) =>
    withInput(c, TicketQuery, c.req.query(), async (filter) =>
      c.json({ tickets: await visibleTickets(deps.tickets, visibleServices(c), given(filter)) }),
    ),
  );
  api.get("/v1/tickets/:id/receipt", (c) =>
    withTicket(deps, c, (ticket) =>
      withInput(c, ReceiptQuery, c.req.query(), (query) => receiptReply(deps, c, ticket, query)),
    ),
  );
  api.get("/v1/tickets/:id", (c) =>
    withTicket(deps, c, async (ticket) => c.json(await readReceipt(deps, ticket, visibleServices(c)))),
  );
  api.post("/v1/tickets/:id/decision", (c) =>
    withTicket(deps, c, async (ticket) =>
      withInput(c, DecisionBody, await bodyOf(c), async (decision) => {
        const result = await answerTicket(deps, ticket.id, { ...decision, by: whoIs(c) });
        return answerResponse(c, result);
      }),
    ),
  );
  api.get("/v1/issues", (c) =>
    withInput(c, IssueQuery, c.req.query(), async (filter) =>
      c.json({ issues: await visibleIssues(deps.issues, visibleServices(c), given(filter)) }),
    ),
  );
  addIssueRoutes(api, deps);
  addAuditRoutes(api, deps);
  addSuppressionRoutes(api, deps);
  addMemoryRoutes(api, deps);
  api.get("/v1/status", async (c) => c.json(await readStatus(deps, visibleServices(c))));
  for (const [path, paused] of [
    ["/v1/pause", true],
    ["/v1/resume", false],
  ] as const) {
    api.post(path, async (c) =>
      withInput(c, PauseBody, await bodyOf(c), async () => {
        await setPaused(deps, paused, whoIs(c));
        return c.json(await readStatus(deps, visibleServices(c)));
      }),
    );
  }
  addAutonomyRoutes(api, deps);
  addStatsRoutes(api, deps);
  addManualActionRoutes(api, deps);
  addUserRoutes(api, deps);
  api.post("/v1/breaker/close", async (c) =>
    withInput(c, PauseBody, await bodyOf(c), async () => {
      await deps.breaker.close(whoIs(c));
      return c.json(await readStatus(deps));
    }),
  );
  return api;
}

/** The receipt as JSON, or as Markdown if `format` or the Accept header requests it. */
async function receiptReply(
  deps: DashboardDeps,
  c: ApiContext,
  ticket: Ticket,
  { format }: z.infer<typeof ReceiptQuery>,
): Promise<Response> {
  const [deployment, cost] = await Promise.all([deploymentOf(deps, ticket), deps.spend.costOf(ticket.id)]);
  const explanation = receiptOf(ticket, { deployment, cost });
  const asMarkdown =
    format === "markdown" || (format === undefined && c.req.header("accept")?.includes("text/markdown") === true);
  if (!asMarkdown) return c.json(explanation);
  return c.text(receiptMarkdown(explanation), 200, { "content-type": "text/markdown; charset=utf-8" });
}

function answerResponse(c: ApiContext, result: AnswerResult): Response {
  switch (result.kind) {
    case "accepted":
      return c.json({ ticketId: result.ticket.id, accepted: true }, 202);
    case "first":
      return c.json({ ticketId: result.ticket.id, accepted: false, needs: result.needs }, 202);
    case "refused":
      return jsonError(c, 409, result.refusal.code, result.refusal.message);
    case "undelivered":
      return jsonError(c, 502, "undelivered", result.message);
  }
}

async function withTicket(
  deps: DashboardDeps,
  c: ApiContext,
  then: (ticket: Ticket) => Promise<Response>,
): Promise<Response> {
  const ref = c.req.param("id") ?? "";
  const lookup = await findTicket(deps, ref);
  if (lookup.kind === "found") return then(lookup.ticket);
  return lookup.kind === "unknown"
    ? jsonError(c, 404, "ticketNotFound", `There is no ticket ${plainText(ref)}.`)
    : jsonError(c, 409, "ambiguous", `Several tickets begin with that: ${lookup.ids.join(", ")}.`);
}
