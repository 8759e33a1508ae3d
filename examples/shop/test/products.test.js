import assert from "node:assert/strict";
import { test } from "node:test";
import { testShop } from "./fixtures/shop.js";

test("shows a product with what is most like it first", async () => {
  const { status, body } = await testShop().get("/products/mint");
  assert.equal(status, 200);
  assert.equal(body.name, "Mint");
  assert.deepEqual(body.recommendations, ["rooibos", "oolong"]);
});

test("recommends nothing where nothing is alike", async () => {
  const { body } = await testShop().get("/products/cup");
  assert.deepEqual(body.recommendations, []);
});
