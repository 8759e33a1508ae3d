import { type Context, Hono } from "hono";
import { z } from "zod";
import type { ManualResult } from "../../domain/manualAction.ts";
import { plainText } from "../../domain/plainText.ts";
import { type AccessEnv, callerMay, whoIs } from "../access/caller.ts";
import { serviceOfRef } from "../access/scope.ts";

import type { DashboardDeps } from "../deps.ts";
import { jsonError } from "../errorResponses.ts";
import { findTicket } from "../readTicketReceipt.ts";

const Who = z.strictObject({
  by: z.string().max(128).default("unknown"),
  message: z.string().max(4000).default(""),
});
const Applied = z.strictObject({
  by: Who.shape.by,
  commit: z
    .string()
    .regex(/^[0-9a-fA-F]{6,64}$/, "six or more hex digits")
    .nullable()
    .default(null),
});
const Start = Who.extend({ of: z.string().min(1).max(128) });

type Deps = Pick<DashboardDeps, "manualActions" | "tickets" | "issues">;

/** `POST /v1/tickets/:id/retry`, `/dismiss` and `/applied`, and `POST /v1/start` for a ticket or an Issue. */
export function addManualActionRoutes(api: Hono<AccessEnv>, deps: Deps): void {
  api.post("/v1/tickets/:id/retry", (c) =>
    withBody(c, Who, async (who) => answer(c, await deps.manualActions.start(await idOf(deps, c), whoOf(c, who)))),
  );
  api.post("/v1/tickets/:id/dismiss", (c) =>
    withBody(c, Who, async (who) => answer(c, await deps.manualActions.dismiss(await idOf(deps, c), whoOf(c, who)))),
  );
  api.post("/v1/tickets/:id/applied", (c) =>
    withBody(c, Applied, async ({ commit }) => {
      return answer(c, await deps.manualActions.applied(await idOf(deps, c), { by: whoIs(c), commit }));
    }),
  );
  api.post("/v1/start", (c) =>
    withBody(c, Start, async ({ of, ...who }) => {
      const service = await serviceOfRef(deps, of);
      if (service === null || !callerMay(c, "approver", service))
        return jsonError(c, 404, "notFound", `There is no ticket or issue ${plainText(of)}.`);
      return answer(c, await deps.manualActions.start(await refOf(deps, of), whoOf(c, who)));
    }),
  );
}

const idOf = (deps: Deps, c: Context<AccessEnv>) => refOf(deps, c.req.param("id") ?? "");

/** The full id of a ticket for its prefix. Any other text is returned as it is: it may be an Issue id. */
async function refOf(deps: Deps, ref: string): Promise<string> {
  const lookup = await findTicket(deps, ref);
  return lookup.kind === "found" ? lookup.ticket.id : plainText(ref);
}

async function withBody<T>(c: Context<AccessEnv>, schema: z.ZodType<T>, then: (body: T) => Promise<Response>) {
  const text = await c.req.text();
  const read = schema.safeParse(text.trim() === "" ? {} : parsed(text));
  if (read.success) return then(read.data);
  const faults = read.error.issues.map((i) => `${i.path.join(".") || "body"}: ${i.message}`);
  return jsonError(c, 400, "invalid", faults.join("; "));
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function answer(c: Context<AccessEnv>, result: ManualResult): Response {
  if (result.kind === "done") return c.json({ ticketId: result.ticket.id, state: result.ticket.state }, 202);
  const { code, message } = result.refusal;
  return jsonError(c, code === "notFound" ? 404 : 409, code, message);
}

/** The authenticated name, and the trimmed message. */
function whoOf(c: Context<AccessEnv>, { message }: Pick<z.infer<typeof Who>, "message">): z.infer<typeof Who> {
  return { by: whoIs(c), message: message.trim() };
}

/**
 * The same actions as forms of the ticket page, for people with a session. `show` renders the ticket page with the
 * fault.
 */
export function createManualActionForms(
  deps: Deps,
  show: (c: Context<AccessEnv>, ticketId: string, fault: string) => Promise<Response>,
): Hono<AccessEnv> {
  const app = new Hono<AccessEnv>();
  for (const [path, does] of [
    ["/tickets/:id/retry", "start"],
    ["/tickets/:id/dismiss", "dismiss"],
    ["/tickets/:id/applied", "applied"],
  ] as const) {
    app.post(path, async (c) => {
      const { session } = c.get("caller");
      if (session === null) return jsonError(c, 403, "formsNeedSession", "Forms are for people who signed in.");
      const id = await refOf(deps, c.req.param("id"));
      const { message } = await c.req.parseBody();
      const said = typeof message === "string" ? message.trim().slice(0, 4000) : "";
      const { by } = session;
      const result = await (does === "applied"
        ? deps.manualActions.applied(id, { by, commit: null })
        : deps.manualActions[does](id, { by, message: said }));
      return result.kind === "done" ? c.redirect(`/tickets/${id}`, 303) : show(c, id, result.refusal.message);
    });
  }
  return app;
}
