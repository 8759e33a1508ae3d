/**
 * Traffic as customers make it: ordinary requests, and the ones of bugs.json among them.
 *
 *     node scripts/traffic.mjs BASE_URL [ROUNDS]
 */
import { readFileSync } from "node:fs";
import { request as send } from "node:http";
import { pathToFileURL } from "node:url";

/** The planted bugs, as bugs.json documents them. */
export const bugs = JSON.parse(readFileSync(new URL("../bugs.json", import.meta.url), "utf8"));

/** Requests that work before and after any repair. */
export const ordinary = [
  { id: "product", request: { method: "GET", path: "/products/sencha" }, expected: { status: 200, body: { name: "Sencha", cents: 890 } } },
  { id: "search", request: { method: "GET", path: "/search?q=china%20fresh" }, expected: { status: 200, body: { count: 1 } } },
  { id: "cart", request: { method: "GET", path: "/carts/k1/total" }, expected: { status: 200, body: { totalCents: 2470 } } },
  { id: "voucher", request: { method: "GET", path: "/carts/k1/total?voucher=WELCOME10" }, expected: { status: 200, body: { totalCents: 2223 } } },
  { id: "delivery", request: { method: "GET", path: "/customers/c1/delivery" }, expected: { status: 200, body: { zone: "home" } } },
  { id: "reviews", request: { method: "GET", path: "/reviews/sencha/summary" }, expected: { status: 200, body: { count: 3, average: 4 } } },
  { id: "quote", request: { method: "GET", path: "/shipping/quote?country=DE&grams=800" }, expected: { status: 200, body: { cents: 490 } } },
  { id: "price", request: { method: "GET", path: "/products/sencha/price?currency=USD" }, expected: { status: 200, body: { amount: 9.61, text: "USD 9.61" } } },
  {
    id: "order",
    request: { method: "POST", path: "/orders", body: { customer: "c2", items: [{ sku: "assam", quantity: 3 }] } },
    expected: { status: 201, body: { totalCents: 2070 } },
  },
  {
    id: "address",
    request: {
      method: "POST",
      path: "/addresses/check",
      body: { name: "Ada", street: "Lindenweg", houseNumber: 4, postcode: " 20095 ", city: "Hamburg", country: "de" },
    },
    expected: { status: 200, body: { postcode: "20095", country: "DE" } },
  },
  { id: "unknown-product", request: { method: "GET", path: "/products/nothing" }, expected: { status: 404, body: {} } },
];

/**
 * Sends `rounds` rounds of requests, one after the other, and resolves with what came back for each.
 * `baseUrl` may be a function, for a server that moves. `only` names the ids to send. A connection that failed has status 0.
 */
export async function runTraffic({ baseUrl, rounds = 1, only, onReply = () => {}, timeoutMs = 5000, signal }) {
  const wanted = [...ordinary, ...bugs].filter(({ id }) => only === undefined || only.includes(id));
  const replies = [];
  for (let round = 0; round < rounds; round += 1) {
    for (const { id, request, expected } of wanted) {
      if (signal?.aborted) return replies;
      const base = typeof baseUrl === "function" ? baseUrl() : baseUrl;
      const { status, body, error } = await exchange(base, request, timeoutMs);
      const reply = { id, round, status, body, error, asExpected: expected !== null && status === expected.status && holds(body, expected.body) };
      replies.push(reply);
      onReply(reply);
    }
  }
  return replies;
}

/** Whether `actual` has everything that `expected` names: objects may hold more, lists and values must be the same. */
export function holds(actual, expected) {
  if (Array.isArray(expected)) {
    return Array.isArray(actual) && actual.length === expected.length && expected.every((item, i) => holds(actual[i], item));
  }
  if (expected !== null && typeof expected === "object") {
    return actual !== null && typeof actual === "object" && Object.keys(expected).every((key) => holds(actual[key], expected[key]));
  }
  return Object.is(actual, expected);
}

/** A connection of its own for each request, so that a restarted server is never met on a dead one. */
function exchange(baseUrl, { method, path, body }, timeoutMs) {
  const text = body === undefined ? undefined : JSON.stringify(body);
  const headers = text === undefined ? {} : { "content-type": "application/json", "content-length": Buffer.byteLength(text) };
  return new Promise((resolve) => {
    const failed = (error) => resolve({ status: 0, body: null, error: error.message });
    const req = send(new URL(path, baseUrl), { method, headers, agent: false, signal: AbortSignal.timeout(timeoutMs) }, async (res) => {
      try {
        const chunks = await res.toArray();
        resolve({ status: res.statusCode, body: JSON.parse(Buffer.concat(chunks).toString("utf8")), error: null });
      } catch (error) {
        failed(error);
      }
    });
    req.on("error", failed);
    req.end(text);
  });
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const [, , baseUrl, rounds = "1"] = process.argv;
  if (baseUrl === undefined) {
    console.error("usage: node scripts/traffic.mjs BASE_URL [ROUNDS]");
    process.exit(2);
  }
  const print = (reply) => console.log(JSON.stringify(reply));
  await runTraffic({ baseUrl, rounds: Number(rounds), onReply: print });
}
