import { OTLPLogExporter as JsonLogs } from "@opentelemetry/exporter-logs-otlp-http";
import { OTLPLogExporter as ProtoLogs } from "@opentelemetry/exporter-logs-otlp-proto";
import { OTLPTraceExporter as JsonTraces } from "@opentelemetry/exporter-trace-otlp-http";
import { OTLPTraceExporter as ProtoTraces } from "@opentelemetry/exporter-trace-otlp-proto";
import { resourceFromAttributes } from "@opentelemetry/resources";
import { LoggerProvider, SimpleLogRecordProcessor } from "@opentelemetry/sdk-logs";
import { BasicTracerProvider, SimpleSpanProcessor } from "@opentelemetry/sdk-trace-base";
import { describe, expect, test } from "vitest";
import { SERVER_KEY, startIngest } from "../../helpers/ingestServer.ts";

const resource = resourceFromAttributes({
  "service.name": "shop-api",
  "service.version": "1.2.3",
  "deployment.environment.name": "production",
  "telemetry.sdk.language": "nodejs",
});
const headers = { "x-selfheal-key": SERVER_KEY };
const CRASH = {
  service: "shop-api",
  release: "1.2.3",
  environment: "production",
  platform: "node",
  trustTier: "T1",
  exception: { type: "TypeError", value: "no city" },
};

function crash(): Error {
  const error = new TypeError("no city");
  error.stack = "TypeError: no city\n    at city (/srv/shop/src/cart.js:12:23)\n    at node:internal/x:1:1";
  return error;
}

describe.each([
  ["http/json", JsonLogs, JsonTraces],
  ["http/protobuf", ProtoLogs, ProtoTraces],
])("real exporters, %s", (_name, Logs, Traces) => {
  test("an exception on a log record", async () => {
    const server = await startIngest();
    const exporter = new Logs({ url: `${server.url}/v1/logs`, headers });
    const provider = new LoggerProvider({ resource, processors: [new SimpleLogRecordProcessor({ exporter })] });
    const logger = provider.getLogger("test");
    logger.emit({ body: "hello", severityNumber: 9 });
    const { stack } = crash();
    logger.emit({
      body: "checkout failed",
      severityNumber: 21,
      attributes: {
        "exception.type": "TypeError",
        "exception.message": "no city",
        "exception.stacktrace": stack,
        cart: 7,
      },
    });
    await provider.forceFlush();
    await provider.shutdown();
    const [event] = await server.stored();
    expect(event).toMatchObject({ ...CRASH, level: "fatal", tags: { cart: "7" } });
    expect(event?.exception.frames[0]).toMatchObject({ file: "/srv/shop/src/cart.js", line: 12, inApp: true });
    expect(await server.balance()).toMatchObject({ received: 1, discarded: 1, lost: 0 });
  });

  test("an exception as an event of a span, with its trace and its request", async () => {
    const server = await startIngest();
    const exporter = new Traces({ url: `${server.url}/v1/traces`, headers });
    const provider = new BasicTracerProvider({ resource, spanProcessors: [new SimpleSpanProcessor(exporter)] });
    const span = provider.getTracer("test").startSpan("GET /cart");
    span.setAttributes({ "http.request.method": "POST", "url.full": "http://shop/cart?id=1" });
    span.recordException(crash());
    span.addEvent("other");
    span.end();
    await provider.forceFlush();
    await provider.shutdown();
    const [event] = await server.stored();
    const { traceId, spanId } = span.spanContext();
    expect(event).toMatchObject({
      ...CRASH,
      traceId,
      spanId,
      request: { method: "POST", url: "http://shop/cart?id=1" },
    });
    expect(event?.exception.frames[0]).toMatchObject({ function: "city", line: 12 });
  });
});

describe("in the protocol's own words", () => {
  const record = (attributes: object) => ({
    attributes: Object.entries(attributes).map(([key, value]) => ({ key, value: { stringValue: value } })),
  });
  const logs = (service: string, ...records: object[]) => ({
    resourceLogs: [{ resource: record({ "service.name": service }), scopeLogs: [{ logRecords: records }] }],
  });
  const thrown = record({ "exception.type": "E", "exception.message": "m" });

  async function post(url: string, body: string | Uint8Array, type = "application/json", more: object = headers) {
    const response = await fetch(url, {
      method: "POST",
      body: body as string,
      headers: { "content-type": type, ...more },
    });
    const bytes = new Uint8Array(await response.arrayBuffer());
    return {
      status: response.status,
      type: response.headers.get("content-type"),
      headers: response.headers,
      bytes,
      text: Buffer.from(bytes).toString(),
    };
  }

  test("a batch that is sent again counts once; two that look the same count twice", async () => {
    const server = await startIngest();
    const body = JSON.stringify(logs("shop-api", thrown, thrown));
    for (let i = 0; i < 2; i++)
      expect(await post(`${server.url}/v1/logs`, body)).toMatchObject({ status: 200, text: "{}" });
    expect(await server.balance()).toMatchObject({ received: 2, repeated: 2 });
  });

  test("what cannot be taken is a partial success", async () => {
    const services = [
      { name: "shop-api", project: "shop" },
      { name: "bank", project: "bank" },
    ];
    const server = await startIngest({ services });
    const body = JSON.stringify({
      resourceLogs: [...logs("shop-api", thrown).resourceLogs, ...logs("bank", thrown).resourceLogs],
    });
    const answer = await post(`${server.url}/api/7/integration/otlp/v1/logs`, body);
    expect(answer.status).toBe(200);
    expect(JSON.parse(answer.text).partialSuccess).toMatchObject({
      rejectedLogRecords: "1",
      errorMessage: expect.stringContaining("bank"),
    });
    expect(await server.stored()).toHaveLength(1);
  });

  test.each([
    ["no JSON", "{", "application/json", 400],
    ["the wrong shape", '{"resourceLogs":5}', "application/json", 400],
    ["no protobuf", new Uint8Array([1, 2, 3, 255, 255]), "application/x-protobuf", 400],
    ["endless nesting", new Uint8Array(Array.from({ length: 60_000 }, () => 0x2a)), "application/x-protobuf", 400],
  ])("%s", async (_what, body, type, status) => {
    const server = await startIngest();
    expect(await post(`${server.url}/v1/logs`, body, type)).toMatchObject({ status, type });
    expect(server.errors).toEqual([]);
  });

  test("a full backlog is a 429 that exporters wait out, and nothing is lost by it", async () => {
    const server = await startIngest({
      limits: { maxSpool: 1 },
      waiting: () => Promise.resolve({ rows: 1, bytes: 0 }),
    });
    const answer = await post(`${server.url}/v1/logs`, JSON.stringify(logs("shop-api", thrown)));
    expect(answer.status).toBe(429);
    expect(Number(answer.headers.get("retry-after"))).toBeGreaterThan(0);
    expect(await server.balance()).toMatchObject({ lost: 0, deferred: 1 });
    expect((await post(`${server.url}/v1/traces`, "{}", "application/json", {})).status).toBe(401);
  });
});
