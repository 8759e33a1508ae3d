import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Issue } from "../../src/domain/issue.ts";
import { appFiles, type BuiltApp, buildApp } from "../helpers/builtApp.ts";
import { runCli } from "../helpers/cliRun.ts";
import { temporaryFolder } from "../helpers/gitRepository.ts";
import { KEY, type ServeProcess, startServe } from "../helpers/serveProcess.ts";
import { makeTinyService, type TinyService } from "../helpers/tinyService.ts";

/** One server for all of it, since starting one is what costs. */
let server: ServeProcess;
let tiny: TinyService;
let app: BuiltApp;
let restart: () => Promise<void>;

beforeAll(async () => {
  const dir = temporaryFolder("grouping");
  const repo = join(dir, "app");
  tiny = makeTinyService(dir);
  app = await buildApp(appFiles(3), repo);
  writeFileSync(join(repo, ".gitignore"), "dist\n");
  const git = (...args: string[]) =>
    execFileSync("git", ["-c", "user.name=t", "-c", "user.email=t@example.org", ...args], { cwd: repo });
  git("init", "-q", "-b", "main");
  git("add", "-A");
  git("commit", "-q", "-m", "Ship to customers");
  const settings = {
    autonomy: "assist",
    debounceMs: 2000,
    maxWaitMs: 5000,
    // Shorter than the window that a first ticket waits for, so that the service is known by then.
    incident: { families: 5, withinMs: 1900 },
    services: [tiny.settings, { ...tiny.settings, name: "page" }, { name: "web", project: "test", repo }],
  };
  restart = async () => {
    server = await startServe(join(dir, "home"), settings);
  };
  await restart();
});
afterAll(async () => {
  await server.stop();
});

const cli = async (...argv: string[]) => {
  const env = { SELFHEAL_URL: server.url, SELFHEAL_TOKEN: server.token, USER: "ann" };
  const run = await runCli([...argv, "--json"], { env });
  expect(run).toMatchObject({ code: 0, stderr: "" });
  return JSON.parse(run.stdout);
};
const event = (service: string, name: string) => {
  const value = `no user in ${name}`;
  const stack = `TypeError: ${value}\n    at ${name} (${tiny.repo}/src/greet.js:6:29)`;
  return { service, exception: { type: "TypeError", value, stack } };
};
const send = async (...events: unknown[]) => expect((await server.post(events)).status).toBe(202);
const issueOf = async (name: string): Promise<Issue> => {
  const { issues } = await cli("issues");
  return issues.find(({ culprit }: Issue) => culprit.startsWith(`${name} `));
};

test("a crash of minified code is planned at the line of its TypeScript, by the maps that were uploaded", async () => {
  const { uploaded, left } = await cli("sourcemaps", "upload", "--release", "2026.11", app.dist);
  expect({ uploaded, left }).toMatchObject({ uploaded: [{ file: app.file }], left: [] });
  const { releases } = await cli("sourcemaps", "list");
  expect(releases).toMatchObject([{ project: "test", release: "2026.11", files: 1, faulty: 0 }]);

  const stack = app.crash(`https://shop.example.com/${app.file}`);
  const exception = { type: "TypeError", value: stack.split("\n")[0]?.slice("TypeError: ".length), stack };
  await send({ service: "web", platform: "browser", release: "2026.11", exception });
  const ticket = await server.ticketWhere(({ service, plan }) => service === "web" && plan !== null);
  expect(ticket.plan).toMatchObject({
    action: "fix",
    files: ["src/address.ts", "src/checkout.ts", "src/main.ts"],
    rootCause: expect.stringContaining("in cityOf at src/address.ts:12"),
  });
  expect(ticket.plan?.places[0]).toMatchObject({ file: "src/address.ts", line: 12, function: "cityOf" });

  // What the API refuses, and who may ask it.
  const put = (query: string, body: string, token = server.token) => {
    const headers = { authorization: `Bearer ${token}` };
    return fetch(`${server.url}/v1/sourcemaps?${query}`, { method: "PUT", body, headers });
  };
  expect((await put("release=1&file=a.js", "{}", KEY)).status).toBe(401);
  expect((await put("release=1&file=a.js", "{}")).status).toBe(400);
  expect((await put("release=1&file=../a.js", "{}")).status).toBe(400);
  expect((await put("release=1&file=a.js&project=other", "{}")).status).toBe(400);
  const { entries } = await server.get<{ entries: { kind: string; actor: string }[] }>("/v1/audit?limit=1000");
  expect(entries.filter(({ kind }) => kind.startsWith("sourcemaps"))).toMatchObject([
    { kind: "sourcemaps.uploaded", actor: "person:admin" },
  ]);
});

test("what a person merged stays merged after kill -9, and no key that clients send can do it", async () => {
  await send(event("tiny", "first"), event("tiny", "second"));
  await expect.poll(() => issueOf("second")).toMatchObject({ ticketId: expect.any(String) });
  await server.ticketWhere(({ title, closedAt }) => title.includes("first") && closedAt !== null);
  const [a, b] = [await issueOf("first"), await issueOf("second")];

  const asClient = {
    method: "POST",
    headers: { authorization: `Bearer ${KEY}` },
    body: JSON.stringify({ into: b.id }),
  };
  expect((await fetch(`${server.url}/v1/issues/${a.id}/merge`, asClient)).status).toBe(401);
  const { rules } = await cli("issues", "merge", a.id, b.id, "--reason", "one bug");
  expect(rules).toMatchObject([{ kind: "merge", by: "admin", reason: "one bug", issueId: a.id, intoIssueId: b.id }]);

  await server.kill();
  await restart();
  await send(event("tiny", "first"));
  await expect.poll(() => issueOf("second")).toMatchObject({ count: b.count + 1 });
  const shown = await cli("issues", "show", b.id);
  expect(shown.issue.fingerprint.why).toContain(`issue ${a.id} merged by admin`);
  expect(shown.rules).toHaveLength(1);
  expect(shown.variants.length).toBeGreaterThan(1);
  expect(await cli("issues", "undo", rules[0].id)).toMatchObject({ rules: [{ undoneAt: expect.any(Number) }] });
  await send(event("tiny", "first"));
  await expect.poll(() => issueOf("first")).toMatchObject({ count: a.count + 1 });
});

test("a cascade is one run, and the service where it began is named, whoever reported it", async () => {
  const traceId = "4bf92f3577b34da6a3ce929d0e0e4736";
  // An OTLP exporter of the service that was called, then the caller's, in the native form.
  const attributes = {
    "exception.type": "TypeError",
    "exception.message": "Cannot read properties of undefined (reading 'name')",
    "exception.stacktrace": `TypeError: x\n    at greet (${tiny.repo}/src/greet.js:6:29)`,
  };
  const span = {
    traceId,
    spanId: "00f067aa0ba902b7",
    parentSpanId: "b9c7c989f97918e1",
    events: [
      {
        timeUnixNano: `${Date.now()}000000`,
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
  const outerEvent = { ...event("page", "show"), trace_id: traceId, span_id: "b9c7c989f97918e1" };
  await send(outerEvent, ...["cart", "order", "mail", "stock"].map((name) => event("tiny", name)));

  const outer = await server.ticketWhere(({ service, plan }) => service === "page" && plan !== null);
  expect(outer.origin).toMatchObject({ service: "tiny", traces: 1 });
  expect(outer.plan?.reason).toContain("origin: service tiny");
  const lead = await server.ticketWhere(({ cascade }) => cascade !== undefined);
  expect(lead).toMatchObject({ service: "tiny", origin: { service: "tiny" } });
  expect(lead.issueIds).toEqual([outer.origin?.issueId]);
  expect(lead.cascade).toHaveLength(4);
  const tickets = (await server.tickets()).filter(({ batchId }) => batchId === lead.batchId);
  expect(tickets.filter(({ title }) => /cart|order|mail|stock/.test(title))).toEqual([]);
  const [issueId = ""] = outer.issueIds;
  expect(await server.get(`/v1/issues/${issueId}`)).toMatchObject({
    origin: { service: "tiny", issueId: outer.origin?.issueId },
    linked: [{ service: "tiny", traces: 1 }],
  });
});
