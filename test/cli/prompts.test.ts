import { expect, it, onTestFinished } from "vitest";
import { addPromptRoute } from "../../src/dashboard/api/promptRoutes.ts";
import type { AgentPrompt } from "../../src/domain/agentPrompt.ts";
import { runCli } from "../helpers/cliRun.ts";
import { makeDashboardHome } from "../helpers/dashboardHome.ts";
import { buildTicket } from "../helpers/ticketBuilder.ts";

it("selfheal show --prompt prints each prompt, with what hides in it made visible; for admins only", async () => {
  const home = await makeDashboardHome();
  onTestFinished(() => home.remove());
  const ticket = await home.stores.tickets.open(buildTicket());
  const brain = "model:m@planner-2";
  const prompts: AgentPrompt[] = [
    { agent: "planner", brain, turns: [{ role: "user", content: "a\u202Eb" }], tools: ["read_file"], why: null },
    { agent: "coder", brain, turns: [], tools: [], why: "there is no plan to fix it yet" },
  ];
  const asked: string[] = [];
  const preview = async (id: string) => {
    asked.push(id);
    return prompts;
  };
  addPromptRoute(home.app, { tickets: home.stores.tickets, prompts: preview });
  const url = await home.listen();
  const env = { SELFHEAL_URL: url, SELFHEAL_TOKEN: home.token };
  const shown = await runCli(["show", ticket.id.slice(0, 8), "--prompt"], { env });
  expect(shown.stdout).toBe(
    `=== planner (${brain}) ===\n--- user ---\na⟨U+202E⟩b\n--- tools ---\nread_file\n\n=== coder (${brain}) ===\nNothing would be sent: there is no plan to fix it yet.\n`,
  );
  const json = await runCli(["show", ticket.id, "--prompt", "--json"], { env });
  expect(JSON.parse(json.stdout)).toEqual({ prompts });
  expect(asked).toEqual([ticket.id, ticket.id]);
  for (const headers of [{}, { authorization: "Bearer wrong" }] as Record<string, string>[])
    expect((await fetch(`${url}/v1/tickets/${ticket.id}/prompts`, { headers })).status).toBe(401);
  expect(asked).toHaveLength(2);
});
