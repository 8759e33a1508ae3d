import assert from "node:assert/strict";
import { test } from "node:test";
import { testShop } from "./fixtures/shop.js";

const skus = async (url) => (await testShop().get(url)).body.hits.map((hit) => hit.sku);

test("finds products whose name or tags hold every word", async () => {
  assert.deepEqual(await skus("/search?q=mint"), ["mint"]);
  assert.deepEqual(await skus("/search?q=HERBAL+free"), ["mint", "rooibos"]);
  assert.deepEqual(await skus("/search?q=herbal+clay"), []);
});

test("finds nothing for nothing", async () => {
  assert.deepEqual(await skus("/search"), []);
  assert.deepEqual(await skus("/search?q=%20"), []);
});
