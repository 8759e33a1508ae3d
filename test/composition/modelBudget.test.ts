import { expect, it } from "vitest";
import { z } from "zod";
import { createBrains } from "../../src/composition/brains.ts";
import { createModelBudget } from "../../src/composition/modelBudget.ts";
import { parseConfig } from "../../src/config/index.ts";
import { ModelError } from "../../src/domain/modelError.ts";
import type { ChatModel } from "../../src/domain/ports/chatModel.ts";
import { RunState } from "../../src/domain/runState.ts";
import { describeCost } from "../../src/domain/spend.ts";
import type { Nodes } from "../../src/graph/graph.ts";
import { openEmbeddedStores } from "../../src/store/embedded.ts";
import { tempFolder } from "../helpers/tempFolder.ts";
import { testClock } from "../helpers/testClock.ts";
import { buildTicket } from "../helpers/ticketBuilder.ts";

const usage = { inputTokens: 600, outputTokens: 400 };
const echo: ChatModel = {
  name: "m",
  structured: async ({ schema }) => ({ value: schema.parse({}), usage }),
  withTools: async () => {
    throw new ModelError("model.badReply", "garbage", { usage });
  },
};
const ask = { turns: [], schema: z.object({}), schemaName: "x" };

async function home(config: Record<string, unknown>) {
  const clock = testClock();
  const stores = await openEmbeddedStores(tempFolder(), clock);
  const modelBudget = createModelBudget({ ...stores, clock, config: () => parseConfig(config) });
  const model = modelBudget.model("coder", echo);
  /** Calls the model from inside a node that works on a ticket of this service. */
  const callFor = async (ticketId: string, service = "shop", fails = false) => {
    await stores.tickets.open(buildTicket({ id: ticketId, service }));
    const nodes = modelBudget.nodes({
      coder: async () => {
        if (fails) await model.withTools({ turns: [], tools: [] });
        else await model.structured(ask);
        return {};
      },
    } as unknown as Nodes);
    await nodes.coder(RunState.parse({ ticketId }), new AbortController().signal);
  };
  return { stores, clock, callFor };
}

const A = "00000000-0000-4000-8000-00000000000a";
const B = "00000000-0000-4000-8000-00000000000b";

it("counts tokens and money on ticket and service, failed calls too", async () => {
  const { stores, callFor } = await home({ prices: { m: { input: 1, output: 10 } } });
  await callFor(A);
  await expect(callFor(B, "mail", true)).rejects.toMatchObject({ code: "model.badReply" });
  expect(await stores.spend.sum({ ticketId: A })).toEqual({ tokens: 1000, usd: 0.0046, unpriced: 0 });
  expect(await stores.spend.sum({ service: "mail" })).toMatchObject({ tokens: 1000 });
  expect(await stores.spend.sum({})).toMatchObject({ tokens: 2000 });
});

it("tells what a ticket cost, and which models have no price", async () => {
  const { stores, clock, callFor } = await home({ prices: { m: { input: 1, output: 10 } } });
  expect(describeCost(await stores.spend.costOf(A))).toBe("no model was asked");
  await callFor(A);
  await callFor(B);
  expect(describeCost(await stores.spend.costOf(A))).toBe("1000 tokens, US$0.0046");
  const local = { ticketId: A, service: "shop", agent: "coder", model: "local-7b", usd: null, at: clock.now() };
  await stores.spend.add({ ...local, inputTokens: 200, outputTokens: 100 });
  await stores.spend.add({ ...local, inputTokens: 1, outputTokens: 0 });
  const cost = await stores.spend.costOf(A);
  expect(cost).toEqual({ tokens: 1301, usd: 0.0046, unpriced: [{ model: "local-7b", tokens: 301 }] });
  expect(describeCost(cost)).toBe("1301 tokens, US$0.0046 and 301 tokens of local-7b, which has no price");
  const free = { tokens: 301, usd: 0, unpriced: cost.unpriced };
  expect(describeCost(free)).toBe("301 tokens, 301 tokens of local-7b, which has no price");
});

it.each([
  ["maxTokensPerTicket", { maxTokensPerTicket: 1000 }, A, "shop", true],
  ["another ticket", { maxTokensPerTicket: 1000 }, B, "shop", false],
  ["maxTokensPerDay", { budgets: { maxTokensPerDay: 1000 } }, B, "mail", true],
  ["maxTokensPerServicePerDay", { budgets: { maxTokensPerServicePerDay: 1000 } }, B, "shop", true],
  ["another service", { budgets: { maxTokensPerServicePerDay: 1000 } }, B, "mail", false],
  ["maxUsdPerDay", { budgets: { maxUsdPerDay: 0.004 }, prices: { m: { input: 1, output: 10 } } }, B, "mail", true],
])("asks no model once a budget is spent: %s", async (_, config, ticketId, service, stops) => {
  const { callFor, clock } = await home(config);
  await callFor(A);
  if (!stops) return expect(await callFor(ticketId, service)).toBeUndefined();
  await expect(callFor(ticketId, service)).rejects.toMatchObject({ code: "model.budget", retryable: false });
  if (ticketId === A) return;
  clock.advance(86_400_001);
  await callFor(ticketId, service);
});

it("wants a price for every model when a budget is in money", () => {
  const config = parseConfig({
    brain: "model",
    budgets: { maxUsdPerDay: 5 },
    model: { name: "m", perAgent: { coder: "n" } },
  });
  expect(() => createBrains(config, { apiKey: "k" }, { clock: testClock() })).toThrow(/prices\.m: .*prices\.n: /s);
});
