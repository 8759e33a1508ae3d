import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { Client } from "@langchain/langgraph-sdk";
import { ensureLinkSecret } from "../../../src/dashboard/access/answerLinks.ts";
import type { ApprovalKind } from "../../../src/domain/approval.ts";
import { processWorld, serveFrom, systemForGraph } from "../../../src/main.ts";
import { buildPlan, buildTicket, buildTicketAwaitingApproval } from "../../helpers/ticketBuilder.ts";

/** What this process prints, once everybody is asked. */
export interface Asked {
  url: string;
  token: string;
  secret: string;
  tickets: Record<ApprovalKind, string[]>;
}

/** A real server in a folder of its own, with so many runs that wait for a person: dir, plans, deploys, escalations. */
const [dir = "", plans = "0", deploys = "0", escalations = "0"] = process.argv.slice(2);
const configFile = join(dir, "selfheal.config.json");
writeFileSync(configFile, JSON.stringify({ dataDir: "data", port: 0 }));
const { url, token } = await serveFrom({ configFile }, processWorld());
if (token === null) throw new Error("the folder is not new");
const { graph, stores } = await systemForGraph();
const client = new Client({ apiUrl: url, apiKey: token });

async function askPlan(): Promise<string> {
  const allowed = ["approve" as const, "reject" as const];
  const approval = {
    kind: "approvePlan" as const,
    patchDigest: null,
    reasons: ["a plan"],
    allowed,
    askedAt: Date.now(),
  };
  const { id } = await stores.tickets.open(buildTicket({ state: "awaitingApproval", plan: buildPlan(), approval }));
  await client.threads.create({ threadId: id, graphId: "selfheal" });
  // As the planner leaves it.
  const state = { entry: "batch", ticketId: id, question: "approvePlan", planAction: "fix" } as const;
  await graph.updateState({ configurable: { thread_id: id } }, state, "planner");
  await client.runs.wait(id, "selfheal", { input: null });
  return id;
}

async function askDeploy(): Promise<string> {
  const ticket = await stores.tickets.open(buildTicketAwaitingApproval());
  const { digest = "", baseCommit = "" } = ticket.patch ?? {};
  await client.threads.create({ threadId: ticket.id, graphId: "selfheal" });
  // As the gate leaves it.
  const state = { entry: "deploy", ticketId: ticket.id, patchDigest: digest, baseCommit, verdict: "ask" } as const;
  await graph.updateState({ configurable: { thread_id: ticket.id } }, state, "gate");
  await client.runs.wait(ticket.id, "selfheal", { input: null });
  return ticket.id;
}

async function askEscalation(): Promise<string> {
  const { id } = await stores.tickets.open(buildTicket());
  await client.threads.create({ threadId: id, graphId: "selfheal" });
  await client.runs.wait(id, "selfheal", { input: { entry: "escalate", ticketId: id, cause: "stuck" } });
  return id;
}

const many = (count: string, ask: () => Promise<string>) => Promise.all(Array.from({ length: Number(count) }, ask));
const tickets = {
  approvePlan: await many(plans, askPlan),
  approveDeploy: await many(deploys, askDeploy),
  escalate: await many(escalations, askEscalation),
};
const asked: Asked = { url, token, secret: await ensureLinkSecret(stores.settings), tickets };
process.stdout.write(`${JSON.stringify(asked)}\n`);
