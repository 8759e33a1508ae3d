import { observe, packageRequire } from "../observe.mjs";

const make = packageRequire("./fastify.js");

async function ask(options, url, set = () => {}) {
  const app = make(options);
  app.get("/:id", async (request) => ({ id: request.params.id }));
  app.get("/gone/:id", (_request, reply) => reply.callNotFound());
  set(app);
  const { statusCode, body } = await app.inject({ method: "GET", url });
  return { statusCode, body };
}
const notFound = { frameworkErrors: (_error, _request, reply) => reply.callNotFound() };
const twice = (app) => app.setNotFoundHandler((_request, reply) => reply.callNotFound());

await observe({
  crash: () => ask(notFound, "/%world"),
  plain: () => ask({}, "/world"),
  badUrl: () => ask({}, "/%world"),
  unknown: () => ask({}, "/a/b/c"),
  callNotFound: () => ask({}, "/gone/1"),
  handler: () => ask({}, "/gone/1", (app) => app.setNotFoundHandler((_request, reply) => reply.code(404).send("mine"))),
  twice: () => ask({}, "/gone/1", twice),
  twiceBadUrl: () => ask(notFound, "/%world", twice),
});
