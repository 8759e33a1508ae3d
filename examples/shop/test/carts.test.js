import assert from "node:assert/strict";
import { test } from "node:test";
import { testShop } from "./fixtures/shop.js";

const shop = testShop();

test("adds up a cart", async () => {
  const { body } = await shop.get("/carts/a/total");
  assert.deepEqual(body, { cart: "a", subtotalCents: 2200, discountCents: 0, totalCents: 2200 });
});

test("takes a voucher off", async () => {
  const { body } = await shop.get("/carts/a/total?voucher=HALF");
  assert.deepEqual(body, { cart: "a", subtotalCents: 2200, discountCents: 1100, totalCents: 1100 });
});

test("an empty cart costs nothing", async () => {
  const { body } = await shop.get("/carts/empty/total");
  assert.equal(body.totalCents, 0);
});

test("refuses unknown carts and vouchers", async () => {
  assert.equal((await shop.get("/carts/zzz/total")).status, 404);
  assert.equal((await shop.get("/carts/a/total?voucher=NOPE")).status, 400);
});
