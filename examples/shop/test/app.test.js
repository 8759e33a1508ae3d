import assert from "node:assert/strict";
import { test } from "node:test";
import { testShop } from "./fixtures/shop.js";

test("says which commit is running", async () => {
  const { status, body } = await testShop().get("/version");
  assert.equal(status, 200);
  assert.equal(body.commit, "abc");
});

test("answers 404 for what is not there, and captures nothing", async () => {
  const shop = testShop();
  assert.equal((await shop.get("/nowhere")).status, 404);
  assert.equal((await shop.get("/products/nothing")).status, 404);
  assert.equal((await shop.post("/version", {})).status, 404);
  assert.deepEqual(shop.captured, []);
});

test("answers 400 for a request that cannot be read", async () => {
  const shop = testShop();
  const request = { method: "GET", url: "/version", headers: {} };
  assert.equal((await shop.handle({ ...request, body: "{" })).status, 400);
  assert.equal((await shop.handle({ ...request, body: "null" })).status, 400);
  assert.equal((await shop.get("//")).status, 400);
});

test("reports what a route did not expect, with its request, and answers 500", async () => {
  const shop = testShop({ carts: null });
  const { status, body } = await shop.get("/carts/a/total");
  assert.equal(status, 500);
  assert.deepEqual(body, { error: "something went wrong" });
  assert.equal(shop.captured.length, 1);
  assert.equal(shop.captured[0].context.handled, false);
  assert.equal(shop.captured[0].context.request.url, "/carts/a/total");
});
