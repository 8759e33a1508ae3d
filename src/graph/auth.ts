import { Auth, HTTPException } from "@langchain/langgraph-sdk/auth";
import { mayUseDev, systemForGraph } from "../main.ts";
import { bindAnswer } from "./apiRequests.ts";

/**
 * Who may call the LangGraph API of `langgraphjs dev`, whose langgraph.json names this file: while SELFHEAL_TOKEN is set,
 * only who sends it. `disable_studio_auth` there closes the way around it (header `x-auth-scheme: langsmith`). Answers
 * are bound to the patch that is asked about when they arrive; `selfheal serve` does more (guard.ts).
 */
export const auth = new Auth()
  .authenticate(async (request: Request) => {
    const bearer = /^Bearer +(\S+)$/i.exec(request.headers.get("authorization") ?? "")?.[1];
    if (!mayUseDev(bearer ?? request.headers.get("x-api-key")))
      throw new HTTPException(401, { message: "SELFHEAL_TOKEN is set: send it as x-api-key" });
    return "admin";
  })
  .on("threads:create_run", async ({ value }) => {
    const { command } = value.kwargs as { command?: { resume?: unknown } | null };
    if (command?.resume === undefined || command.resume === null || value.thread_id == null) return true;
    const { stores } = await systemForGraph();
    const ticket = await stores.tickets.get(value.thread_id);
    if (ticket !== null) command.resume = bindAnswer(command.resume, ticket);
    return true;
  });
