import assert from "node:assert/strict";
import { test } from "node:test";
import { testShop } from "./fixtures/shop.js";

const shop = testShop();

test("quotes the first tier that the weight fits into", async () => {
  const cents = async (grams) => (await shop.get(`/shipping/quote?country=DE&grams=${grams}`)).body.cents;
  assert.equal(await cents(1), 400);
  assert.equal(await cents(1000), 400);
  assert.equal(await cents(1001), 700);
  assert.equal(await cents(5000), 700);
});

test("refuses what it cannot quote", async () => {
  assert.equal((await shop.get("/shipping/quote?country=XX&grams=10")).status, 400);
  assert.equal((await shop.get("/shipping/quote?country=DE")).status, 400);
  assert.equal((await shop.get("/shipping/quote?country=DE&grams=-5")).status, 400);
});
