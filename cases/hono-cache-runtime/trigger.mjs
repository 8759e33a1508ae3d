import { Hono } from "./dist/index.js";
import { cache } from "./dist/middleware/cache/index.js";

globalThis.caches = undefined;
let crash = null;
const app = new Hono();
app.onError((error) => {
  crash = error;
  return new Response("error", { status: 500 });
});
app.use("*", cache({ cacheName: "pages" }));
app.get("/", (c) => c.text("hello"));
const response = await app.request("http://localhost/");
if (crash !== null) throw crash;
console.log(response.status);
