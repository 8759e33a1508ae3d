import assert from "node:assert/strict";
import { once } from "node:events";
import { test } from "node:test";
import { createShopServer } from "../src/server.js";

async function listening(t, app) {
  const server = createShopServer(app).listen(0, "127.0.0.1");
  t.after(() => server.close());
  await once(server, "listening");
  return `http://127.0.0.1:${server.address().port}`;
}

test("hands method, url and body over and sends the reply as JSON", async (t) => {
  const seen = [];
  const base = await listening(t, {
    handle: async (request) => {
      seen.push(request);
      return { status: 201, body: { fine: true } };
    },
  });
  const response = await fetch(`${base}/orders?x=1`, { method: "POST", body: '{"a":1}' });
  assert.equal(response.status, 201);
  assert.deepEqual(await response.json(), { fine: true });
  assert.equal(seen[0].method, "POST");
  assert.equal(seen[0].url, "/orders?x=1");
  assert.equal(seen[0].body, '{"a":1}');
});

test("refuses a body that is too large", async (t) => {
  const base = await listening(t, { handle: async () => assert.fail("must not be asked") });
  const response = await fetch(base, { method: "POST", body: "x".repeat(70_000) });
  assert.equal(response.status, 413);
});
