import type { Hono } from "hono";
import type { PromptPreview } from "../../domain/agentPrompt.ts";
import { plainText } from "../../domain/plainText.ts";
import type { TicketBook } from "../../domain/ports/ticketBook.ts";
import type { AccessEnv } from "../access/caller.ts";
import { jsonError } from "../errorResponses.ts";
import { findTicket } from "../readTicketReceipt.ts";

/** `GET /v1/tickets/:id/prompts`: the prompt that each agent would send for the ticket. Calls no model. */
export function addPromptRoute(api: Hono<AccessEnv>, deps: { tickets: TicketBook; prompts: PromptPreview }): void {
  api.get("/v1/tickets/:id/prompts", async (c) => {
    const ref = c.req.param("id");
    const found = await findTicket(deps, ref);
    if (found.kind === "unknown") return jsonError(c, 404, "ticketNotFound", `There is no ticket ${plainText(ref)}.`);
    if (found.kind === "ambiguous")
      return jsonError(c, 409, "ambiguous", `Several tickets begin with that: ${found.ids.join(", ")}.`);
    return c.json({ prompts: await deps.prompts(found.ticket.id, c.req.raw.signal) });
  });
}
