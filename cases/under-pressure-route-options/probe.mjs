import { observe, packageRequire } from "../observe.mjs";

async function ask(options, route = {}, url = "/") {
  const app = packageRequire("fastify")();
  app.register(packageRequire("./index.js"), options);
  app.after(() => app.get("/", route, async () => "ok"));
  const { statusCode, body, headers } = await app.inject(url);
  await app.close();
  return { statusCode, body, retry: headers["retry-after"] ?? null };
}

const late = { maxEventLoopUtilization: 0.000000001, sampleInterval: 5 };
const pressed = { healthCheck: async () => false, healthCheckInterval: 100 };

await observe({
  plain: () => ask({}),
  unhealthy: () => ask(pressed),
  handler: () => ask({ ...pressed, pressureHandler: (_request, reply, type) => reply.send(`under ${type}`) }),
  routeHandler: () =>
    ask(pressed, { config: { pressureHandler: (_request, reply) => reply.code(200).send("the route's own") } }),
  healthy: () => ask({ healthCheck: async () => true, healthCheckInterval: 100 }),
  status: () => ask({ exposeStatusRoute: true }, {}, "/status"),
  limits: () => ask({ maxEventLoopDelay: 1e9, maxHeapUsedBytes: 1e15 }, { config: { a: 1 } }),
  retry: () => ask({ ...pressed, retryAfter: 50, ...late, maxEventLoopUtilization: 2 }),
});
