import assert from "node:assert/strict";
import { test } from "node:test";
import { testShop } from "./fixtures/shop.js";

test("prices an order and sends it to the customer's address", async () => {
  const { status, body } = await testShop().post("/orders", { customer: "u1", items: [{ sku: "mint", quantity: 3 }, { sku: "card" }] });
  assert.equal(status, 201);
  assert.equal(body.number, 1);
  assert.equal(body.totalCents, 1700);
  assert.equal(body.deliverTo.city, "Bonn");
});

test("sends it to another address when one is given", async () => {
  const deliverTo = { name: "Uwe", street: "Ring", houseNumber: "7a", postcode: "a1 b", city: "Bern", country: "ch" };
  const { body } = await testShop().post("/orders", { customer: "u1", items: [{ sku: "mint" }], deliverTo });
  assert.equal(body.deliverTo.postcode, "A1 B");
});

test("numbers orders one by one", async () => {
  const shop = testShop();
  const order = { customer: "u2", items: [{ sku: "cup" }] };
  await shop.post("/orders", order);
  assert.equal((await shop.post("/orders", order)).body.number, 2);
});

test("refuses orders that make no sense", async () => {
  const shop = testShop();
  assert.equal((await shop.post("/orders", { customer: "u1" })).status, 400);
  assert.equal((await shop.post("/orders", { customer: "u1", items: [] })).status, 400);
  assert.equal((await shop.post("/orders", { customer: "u1", items: [{ sku: "gold" }] })).status, 400);
  assert.equal((await shop.post("/orders", { customer: "u1", items: [{ sku: "mint", quantity: 0 }] })).status, 400);
  assert.equal((await shop.post("/orders", { customer: "u9", items: [{ sku: "mint" }] })).status, 404);
  assert.deepEqual(shop.captured, []);
});
