import { symlinkSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { createReproducer } from "../../../../src/agents/coder/reproducing/reproducer.ts";
import { createRequestTestSource } from "../../../../src/agents/coder/reproducing/requestTestSource.ts";
import { createProcessRunner } from "../../../../src/tools/sandbox/processRunner.ts";
import { createSandbox, type LocalSandbox } from "../../../../src/tools/sandbox/sandbox.ts";
import { createTestRunner } from "../../../../src/tools/tests/testRunner.ts";
import { buildEvent } from "../../../helpers/eventBuilder.ts";
import { gitRepository } from "../../../helpers/gitRepository.ts";
import { memoryBlobs } from "../../../helpers/memoryBlobs.ts";
import { openWorkspace } from "../../../helpers/openWorkspace.ts";

let sandbox: LocalSandbox;
beforeAll(async () => {
  sandbox = await createSandbox({ processes: createProcessRunner() });
});

const LABEL = "export function label(user) {\n  return user.address.city;\n}\n";
const HONO = `import { Hono } from "hono";\nimport { label } from "./label.js";\n
const app = new Hono();
app.post("/labels", async (c) => c.text(label(await c.req.json())));
export default app;
`;
const HTTP = `import { createServer } from "node:http";\nimport { label } from "./label.js";\n
export function createApp() {
  return createServer((req, res) => {
    let text = "";
    req.on("data", (part) => (text += part));
    req.on("end", () => {
      try {
        res.end(label(JSON.parse(text)));
      } catch (error) {
        console.error(error);
        res.writeHead(500).end();
      }
    });
  });
}
`;

async function find(app: string, more: object = {}) {
  const repository = gitRepository({ "package.json": '{"type":"module"}', "src/app.js": app, "src/label.js": LABEL });
  symlinkSync(join(process.cwd(), "node_modules"), join(repository.dir, "node_modules"));
  const workspace = await openWorkspace(repository, { testTimeoutMs: 20_000 });
  const runs = createTestRunner({ sandbox, blobs: memoryBlobs() });
  const reproducer = createReproducer({ runs, clock: { now: Date.now }, sources: [createRequestTestSource()] });
  const event = buildEvent({
    exception: {
      type: "TypeError",
      value: "Cannot read properties of undefined (reading 'city')",
      frames: [{ file: "/srv/app/src/label.js", function: "label", line: 2, column: 23, inApp: true }],
    },
    request: {
      method: "POST",
      url: "https://shop.example.com/labels?x=1",
      headers: { host: "shop.example.com", "content-type": "application/json", cookie: "[scrubbed:secret]" },
      body: '{"name":"Ada"}',
      ...more,
    },
  });
  return reproducer.find({ workspace, event, signal: new AbortController().signal });
}

describe("a reproduction by the captured request", () => {
  it.each([
    ["a Hono app", HONO, "app.request("],
    ["a factory of a node:http server", HTTP, "await once(server, "],
  ])("is put through %s, without what was scrubbed and without its host", async (_name, app, line) => {
    const found = await find(app);
    expect(found).toMatchObject({ kind: "found", test: { kind: "request", origin: "captured" } });
    const text = found.kind === "found" ? found.test.content : "";
    expect(text).toContain(line);
    expect(text).toContain("/labels?x=1");
    expect(text).not.toMatch(/shop\.example|cookie|scrubbed:/);
  });

  it("is none when the request does not lead to the exception", async () => {
    expect(await find(HONO, { body: '{"address":{"city":"Zug"}}' })).toMatchObject({ kind: "none" });
  });
});
