import assert from "node:assert/strict";
import { test } from "node:test";
import { createStock } from "../src/stock.js";
import { data } from "./fixtures/shop.js";

test("finds products and extras, and nothing else", async () => {
  const stock = createStock(data);
  assert.deepEqual(await stock.find("mint"), { sku: "mint", price: { cents: 500, currency: "EUR" } });
  assert.equal((await stock.find("card")).price.cents, 200);
  assert.equal(await stock.find("gold"), null);
});
