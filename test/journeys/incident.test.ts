import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { KEY, startServe } from "../helpers/serveProcess.ts";
import { tempFolder } from "../helpers/tempFolder.ts";
import { makeTinyService } from "../helpers/tinyService.ts";

/** Shorter than the window that the first ticket waits for, so that the service is known by then. */
const WITHIN_MS = 1900;

test("a cascade is one run, and the service where it began is named, whoever reported it", async () => {
  const dir = tempFolder();
  const tiny = makeTinyService(dir);
  const server = await startServe(join(dir, "home"), {
    autonomy: "assist",
    debounceMs: 2000,
    maxWaitMs: 5000,
    incident: { families: 5, withinMs: WITHIN_MS },
    services: [tiny.settings, { ...tiny.settings, name: "web" }],
  });
  onTestFinished(async () => void (await server.stop()));
  const traceId = "4bf92f3577b34da6a3ce929d0e0e4736";
  const event = (service: string, name: string) => {
    const value = `no user in ${name}`;
    const stack = `TypeError: ${value}\n    at ${name} (${tiny.repo}/src/greet.js:6:29)`;
    return { service, exception: { type: "TypeError", value, stack } };
  };
  const send = async (...events: unknown[]) => expect((await server.post(events)).status).toBe(202);
  await send(event("tiny", "known"));
  await server.ticketWhere(({ title }) => title.includes("known"));

  // An OTLP exporter of the service that was called, then the caller's, as Sentry's SDKs send it.
  const attributes = {
    "exception.type": "TypeError",
    "exception.message": "Cannot read properties of undefined (reading 'name')",
    "exception.stacktrace": `TypeError: x\n    at greet (${tiny.repo}/src/greet.js:6:29)`,
  };
  const nanos = `${Date.now()}000000`;
  const span = {
    traceId,
    spanId: "00f067aa0ba902b7",
    parentSpanId: "b9c7c989f97918e1",
    events: [
      {
        timeUnixNano: nanos,
        attributes: Object.entries(attributes).map(([key, value]) => ({ key, value: { stringValue: value } })),
      },
    ],
  };
  const resource = { attributes: [{ key: "service.name", value: { stringValue: "tiny" } }] };
  const otlp = await fetch(`${server.url}/v1/traces`, {
    method: "POST",
    headers: { "content-type": "application/json", "x-selfheal-key": KEY },
    body: JSON.stringify({ resourceSpans: [{ resource, scopeSpans: [{ spans: [span] }] }] }),
  });
  expect(otlp.status).toBe(200);
  const page = { ...event("web", "page"), trace_id: traceId, span_id: "b9c7c989f97918e1" };
  await send(page, ...["cart", "order", "mail", "stock"].map((name) => event("tiny", name)));

  const outer = await server.ticketWhere(({ service, plan }) => service === "web" && plan !== null);
  expect(outer.origin).toMatchObject({ service: "tiny", traces: 1 });
  expect(outer.plan?.reason).toContain("origin: service tiny");
  const lead = await server.ticketWhere(({ cascade }) => cascade !== undefined);
  expect(lead).toMatchObject({ service: "tiny", issueIds: [outer.origin?.issueId], origin: { service: "tiny" } });
  expect(lead.cascade).toHaveLength(4);
  const ofTiny = (await server.tickets()).filter(({ service }) => service === "tiny");
  expect(ofTiny.map(({ batchId }) => batchId).filter((id) => id === lead.batchId)).toHaveLength(1);
  const [issueId = ""] = outer.issueIds;
  expect(await server.get(`/v1/issues/${issueId}`)).toMatchObject({
    origin: { service: "tiny", issueId: outer.origin?.issueId },
    linked: [{ service: "tiny", traces: 1 }],
  });
});
