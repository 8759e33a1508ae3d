import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { openEmbeddedStores } from "../../../src/store/embedded.ts";
import { SERVER_KEY, startIngest } from "../../helpers/ingestServer.ts";
import { tempFolder } from "../../helpers/tempFolder.ts";

const SECRETS = {
  mail: "ada.lovelace@example.org",
  card: "4111 1111 1111 1111",
  token: "ghp_0123456789abcdefghij0123456789abcdef",
};
const VALUE = `no ${SECRETS.mail}, no ${SECRETS.card}, no ${SECRETS.token}`;
const PASSWORD = "correct horse battery";

const native = {
  exception: { type: "E", value: VALUE },
  tags: { note: VALUE },
  extra: { login: { password: PASSWORD } },
};
const sentry = {
  event_id: "0123456789abcdef0123456789abcdef",
  level: "error",
  exception: { values: [{ type: "E", value: VALUE }] },
  extra: { login: { password: PASSWORD } },
  request: { method: "POST", url: `https://x.example/?mail=${SECRETS.mail}`, headers: { Cookie: PASSWORD } },
};
const attributes = [
  { key: "exception.type", value: { stringValue: "E" } },
  { key: "exception.message", value: { stringValue: VALUE } },
  { key: "password", value: { stringValue: PASSWORD } },
];
const resource = { attributes: [{ key: "service.name", value: { stringValue: "shop-api" } }] };
const nano = "1760000000000000000";
const envelope = [{}, { type: "event" }, sentry].map((part) => JSON.stringify(part)).join("\n");
const logs = {
  resourceLogs: [{ resource, scopeLogs: [{ logRecords: [{ timeUnixNano: nano, severityNumber: 17, attributes }] }] }],
};
const span = {
  traceId: "0123456789abcdef0123456789abcdef",
  spanId: "0123456789abcdef",
  name: "x",
  kind: 1,
  startTimeUnixNano: nano,
  endTimeUnixNano: nano,
  events: [{ timeUnixNano: nano, name: "exception", attributes }],
};

test.each([
  ["native", "/v1/events", JSON.stringify(native)],
  ["Sentry store", "/api/1/store/", JSON.stringify(sentry)],
  ["Sentry envelope", "/api/1/envelope/", envelope],
  ["OTLP logs", "/v1/logs", JSON.stringify(logs)],
  ["OTLP traces", "/v1/traces", JSON.stringify({ resourceSpans: [{ resource, scopeSpans: [{ spans: [span] }] }] })],
])("nothing secret reaches the disk: %s", async (_name, path, body) => {
  const dir = tempFolder();
  const stores = await openEmbeddedStores(dir, { now: () => Date.now() });
  onTestFinished(() => stores.close());
  const server = await startIngest({ stores });
  const headers = { "content-type": "application/json", "x-selfheal-key": SERVER_KEY };
  const answer = await fetch(`${server.url}${path}?sentry_key=${SERVER_KEY}`, { method: "POST", headers, body });
  expect(answer.status).toBeLessThan(300);
  expect(await server.stored()).toMatchObject([
    { exception: { type: "E", value: expect.stringContaining("[scrubbed:") } },
  ]);
  const files = readdirSync(dir).filter((name) => name.startsWith("selfheal.sqlite"));
  const written = files.map((name) => readFileSync(join(dir, name), "latin1")).join("");
  expect(written).toContain("[scrubbed:email]");
  for (const secret of [...Object.values(SECRETS), PASSWORD]) expect(written).not.toContain(secret);
});
