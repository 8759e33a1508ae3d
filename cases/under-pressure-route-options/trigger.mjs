import { createRequire } from "node:module";

const require = createRequire(import.meta.url);
const app = require("fastify")();
let caught = null;
app.register(require("./index.js"), { maxHeapUsedBytes: 1e12 });
app.addHook("onError", async (_request, _reply, error) => {
  caught = error;
});
app.get("/", async () => "ok");
const { body } = await app.inject("/");
if (caught !== null) throw caught;
console.log(body);
process.exit(0);
