import assert from "node:assert/strict";
import { test } from "node:test";
import { recommend } from "../src/recommendations.js";
import { data } from "./fixtures/shop.js";

const mint = data.products[0];

test("never recommends the product itself, and no more than asked for", () => {
  assert.deepEqual(recommend(data.products, mint, 1), ["rooibos"]);
  assert.deepEqual(recommend([mint], mint), []);
});

test("counts products without tags by their category", () => {
  const bare = { sku: "nettle", category: "herbal" };
  assert.deepEqual(recommend([mint, bare], mint), ["nettle"]);
});
