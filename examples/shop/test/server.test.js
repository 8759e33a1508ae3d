import assert from "node:assert/strict";
import { once } from "node:events";
import { request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { createShopServer } from "../src/server.js";

/** A server of the app on a socket file, so that the suite needs no network; resolves with a function that sends one request to it. */
async function serving(t, name, app) {
  const socketPath = join(tmpdir(), `tea-shop-${process.pid}-${name}.sock`);
  const server = createShopServer(app).listen(socketPath);
  t.after(() => server.close());
  await once(server, "listening");
  return async (method, path, body) => {
    const [res] = await once(request({ socketPath, method, path, agent: false }).end(body), "response");
    return { status: res.statusCode, body: JSON.parse(Buffer.concat(await res.toArray()).toString("utf8")) };
  };
}

test("hands method, url and body over and sends the reply as JSON", async (t) => {
  const seen = [];
  const send = await serving(t, "reply", {
    handle: async (handed) => {
      seen.push(handed);
      return { status: 201, body: { fine: true } };
    },
  });
  assert.deepEqual(await send("POST", "/orders?x=1", '{"a":1}'), { status: 201, body: { fine: true } });
  assert.equal(seen[0].method, "POST");
  assert.equal(seen[0].url, "/orders?x=1");
  assert.equal(seen[0].body, '{"a":1}');
});

test("refuses a body that is too large", async (t) => {
  const send = await serving(t, "large", { handle: async () => assert.fail("must not be asked") });
  assert.equal((await send("POST", "/orders", "x".repeat(70_000))).status, 413);
});
