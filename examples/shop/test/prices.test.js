import assert from "node:assert/strict";
import { test } from "node:test";
import { priceList } from "../src/prices.js";
import { data, testShop } from "./fixtures/shop.js";

const shop = testShop();

test("shows a price in euros, and in another currency", async () => {
  assert.deepEqual((await shop.get("/products/mint/price")).body, { sku: "mint", currency: "EUR", amount: 5, text: "5.00 EUR" });
  const { body } = await shop.get("/products/mint/price?currency=USD");
  assert.deepEqual(body, { sku: "mint", currency: "USD", amount: 5.5, text: "USD 5.50" });
});

test("refuses currencies that it has no rate for", async () => {
  assert.equal((await shop.get("/products/mint/price?currency=XXX")).status, 400);
});

test("lists every product in every currency", () => {
  assert.equal(priceList(data).length, 8);
});
