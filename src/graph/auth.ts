import { Auth, HTTPException } from "@langchain/langgraph-sdk/auth";
import { createThrottle } from "../dashboard/access/throttle.ts";
import { ADMIN_NAME } from "../domain/access.ts";
import { mayUseDev, systemForGraph } from "../main.ts";
import { bindAnswer } from "./apiRequests.ts";

/** The development server does not reveal addresses: all wrong tokens together wait, the right one never does. */
const EVERYBODY = { address: "langgraphjs dev", account: null };
const throttle = createThrottle({ clock: { now: Date.now } });

/**
 * Authentication for the LangGraph API of `langgraphjs dev`; langgraph.json names this file. While SELFHEAL_TOKEN is
 * set, only a client that sends it may call. `disable_studio_auth` in langgraph.json closes the bypass through the
 * header `x-auth-scheme: langsmith`. An answer is bound to the Patch of the question that is open when the answer
 * arrives, and to the admin, whatever name it has in it. `selfheal serve` checks more (apiGuard.ts).
 */
export const auth = new Auth()
  .authenticate(async (request: Request) => {
    const bearer = /^Bearer +(\S+)$/i.exec(request.headers.get("authorization") ?? "")?.[1];
    const token = bearer ?? request.headers.get("x-api-key");
    if (mayUseDev(token)) return ADMIN_NAME;
    if (throttle.waitMs(EVERYBODY) > 0) throw new HTTPException(429, { message: "Too many wrong tokens. Try later." });
    if (token !== null) throttle.failed(EVERYBODY);
    throw new HTTPException(401, { message: "SELFHEAL_TOKEN is set: send it as x-api-key" });
  })
  .on("threads:create_run", async ({ value }) => {
    const { command } = value.kwargs as { command?: { resume?: unknown } | null };
    if (command?.resume === undefined || command.resume === null || value.thread_id == null) return true;
    const { stores } = await systemForGraph();
    const ticket = await stores.tickets.get(value.thread_id);
    if (ticket !== null) command.resume = bindAnswer(command.resume, ticket, ADMIN_NAME);
    return true;
  });
