import assert from "node:assert/strict";
import { test } from "node:test";
import { testShop } from "./fixtures/shop.js";

const address = { name: " Ann ", street: "Elm St ", houseNumber: 12, postcode: " sw1a 1aa ", city: "London", country: "gb" };

test("tidies an address up", async () => {
  const { status, body } = await testShop().post("/addresses/check", address);
  assert.equal(status, 200);
  assert.deepEqual(body, {
    name: "Ann",
    street: "Elm St",
    houseNumber: "12",
    postcode: "SW1A 1AA",
    city: "London",
    country: "GB",
  });
});

test("names every field that is missing", async () => {
  const { status, body } = await testShop().post("/addresses/check", { name: "Ann", street: "Elm St", houseNumber: 1, city: null });
  assert.equal(status, 400);
  assert.equal(body.error, "an address needs postcode, city, country");
});
