/**
 * Puts the request of a captured event (the JSON file $SELFHEAL_EVENT) through the shop, with the data that production serves.
 * Exit 0: answered, and nothing was captured. 1: crashed, with the error's own stack. 2: there is no request to replay.
 */
import { readFileSync } from "node:fs";
import { createApp } from "../src/app.js";
import { loadData } from "../src/data.js";

const { request } = JSON.parse(readFileSync(process.env.SELFHEAL_EVENT, "utf8"));

if (request === undefined) {
  console.error("the event holds no request");
  process.exit(2);
}

const captured = [];
const app = createApp({ data: loadData(), reporter: { captureException: (error) => captured.push(error) } });
const reply = await app.handle(request);
console.log(`${request.method} ${request.url} → ${reply.status}`);

if (captured.length > 0) {
  console.error(captured[0].stack ?? captured[0]);
  process.exit(1);
}
if (reply.status >= 500) process.exit(1);
