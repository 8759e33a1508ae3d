import { afterAll, beforeAll, expect, it } from "vitest";
import { healOnce } from "../../src/oneShot/heal.ts";
import { makeShopHome, type ShopHome } from "../helpers/shopHome.ts";

let shop: ShopHome;
beforeAll(async () => {
  shop = await makeShopHome();
});
afterAll(() => shop.remove());

const silent = () => undefined;
const WORLD = {
  clock: { now: () => Date.now() },
  log: { info: silent, warn: silent, error: silent },
  secrets: {},
};

it("heals a crash of the shop to E2 without a reproduction command, and leaves a regression test behind", async () => {
  const exception = {
    type: "TypeError",
    value: "Reduce of empty array with no initial value",
    stack:
      "TypeError: Reduce of empty array with no initial value\n    at Array.reduce (<anonymous>)\n    at summarize (file:///srv/shop/src/reviews.js:22:23)\n    at Object.handler (file:///srv/shop/src/reviews.js:14:30)",
  };
  const event = { platform: "node", timestamp: new Date().toISOString(), exception };
  const { outcome, ticket, diff } = await healOnce(
    { repo: shop.repo, root: ".", event, brain: "rules", model: {} },
    WORLD,
  );
  expect(outcome).toBe("patch");
  expect(ticket.evidence).toMatchObject({
    grade: "E2",
    shortfalls: ["constructedInput"],
    reproduction: { kind: "call", origin: "constructed" },
    touchesExistingTests: false,
  });
  expect(ticket.gate?.missing).toContain("inputCaptured");
  expect(diff).toContain("+++ b/test/reviews.empty-list.test.js");
  expect(diff).toContain("+  assert.deepEqual(summarize([]), { count: 0, average: 0, recommended: 0 });");
  expect(ticket.review?.findings).toEqual([]);
});
