import assert from "node:assert/strict";
import { test } from "node:test";
import { testShop } from "./fixtures/shop.js";

test("sums the reviews of a product up", async () => {
  const { status, body } = await testShop().get("/reviews/mint/summary");
  assert.equal(status, 200);
  assert.deepEqual(body, { sku: "mint", count: 3, average: 3.67, recommended: 0.67 });
});

test("refuses unknown products", async () => {
  assert.equal((await testShop().get("/reviews/gold/summary")).status, 404);
});
