import { createRequire } from "node:module";

const fastify = createRequire(import.meta.url)("./fastify.js")();
fastify.post("/", { schema: { response: { 200: undefined } }, handler: async () => "ok" });
await fastify.ready();
process.exit(0);
