import { observe, packageRequire } from "../observe.mjs";

const make = packageRequire("./fastify.js");

async function ask(schema) {
  const app = make();
  app.post("/", { schema, handler: async () => "ok" });
  await app.ready();
  const { statusCode, body } = await app.inject({ method: "POST", url: "/", payload: { a: 1 } });
  return { statusCode, body };
}

await observe({
  response: () => ask({ response: { 200: undefined } }),
  body: () => ask({ body: undefined }),
  querystring: () => ask({ querystring: undefined }),
  none: () => ask(undefined),
  empty: () => ask({}),
  right: () => ask({ body: { type: "object", properties: { a: { type: "number" } } } }),
  wrong: () => ask({ body: { type: "object", required: ["b"], properties: { b: { type: "number" } } } }),
});
