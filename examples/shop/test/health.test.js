import assert from "node:assert/strict";
import { test } from "node:test";
import { testShop } from "./fixtures/shop.js";

test("is healthy when every price is above nothing", async () => {
  assert.deepEqual(await testShop().get("/health"), { status: 200, body: { status: "ok" } });
});

test("says what is wrong when goods would be given away", async () => {
  const { status, body } = await testShop({ rates: { EUR: 1, USD: 0 } }).get("/health");
  assert.equal(status, 503);
  assert.equal(body.faults.length, 4);
  assert.equal(body.faults[0], "mint costs 0 USD");
});
