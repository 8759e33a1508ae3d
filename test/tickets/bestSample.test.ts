import { expect, it } from "vitest";
import type { CapturedEvent } from "../../src/domain/event.ts";
import type { IssueStore } from "../../src/domain/ports/issueStore.ts";
import type { Ticket } from "../../src/domain/ticket.ts";
import { bestSample } from "../../src/tickets/bestSample.ts";
import { buildEvent } from "../helpers/eventBuilder.ts";

/** Samples by Issue, the newest first. */
const best = (samples: Record<string, CapturedEvent[]>) => {
  const issues = { samples: async (id: string) => samples[id] ?? [] } as unknown as IssueStore;
  return bestSample(issues, { issueIds: Object.keys(samples) } as Ticket);
};

it("is of the highest tier: the values of a newer event of a public key are not what a proof is tried with", async () => {
  const bare = buildEvent({ trustTier: "T1", extra: {} });
  const forged = buildEvent({ trustTier: "T0", extra: { cart: '{"limits":null}' } });
  expect(await best({ a: [forged, bare] })).toBe(bare);
  expect(await best({ a: [forged], b: [bare] })).toBe(bare);
  expect(await best({ a: [forged] })).toBe(forged);
  expect(await best({ a: [] })).toBeNull();
});

it("is the newest of its tier", async () => {
  const [newer, older] = [buildEvent({ trustTier: "T1" }), buildEvent({ trustTier: "T1" })];
  expect(await best({ a: [buildEvent({ trustTier: "T0" }), newer, older] })).toBe(newer);
});
