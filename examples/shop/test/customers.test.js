import assert from "node:assert/strict";
import { test } from "node:test";
import { greeting } from "../src/customers.js";
import { testShop } from "./fixtures/shop.js";

const shop = testShop();

test("says where a customer's parcels go", async () => {
  const { body } = await shop.get("/customers/u1/delivery");
  assert.deepEqual(body, { id: "u1", greeting: "Ines, Bonn", zone: "home" });
});

test("customers outside the zones collect", async () => {
  assert.equal((await shop.get("/customers/u2/delivery")).body.zone, "collect");
});

test("greets by name alone where there is no city", () => {
  assert.equal(greeting({ name: "Lin" }), "Lin");
});

test("refuses unknown customers", async () => {
  assert.equal((await shop.get("/customers/u9/delivery")).status, 404);
});
