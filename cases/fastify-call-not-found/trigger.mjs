import { createRequire } from "node:module";

const fastify = createRequire(import.meta.url)("./fastify.js")({
  frameworkErrors: (_error, _request, reply) => reply.callNotFound(),
});
fastify.get("/:id", async () => "ok");
const response = await fastify.inject({ method: "GET", url: "/%world" });
console.log(response.statusCode);
process.exit(0);
