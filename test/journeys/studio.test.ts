import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { promisify } from "node:util";
import { Client } from "@langchain/langgraph-sdk";
import { afterEach, expect, it } from "vitest";
import { ticketId } from "../../src/domain/ids.ts";
import { fingerprint } from "../../src/ingest/grouping/fingerprint.ts";
import { openEmbeddedStores } from "../../src/store/embedded.ts";
import { eventually } from "../helpers/patience.ts";
import { startServe } from "../helpers/serveProcess.ts";
import { tinyCrash } from "../helpers/system.ts";
import { tempFolder } from "../helpers/tempFolder.ts";
import { makeTinyService, type TinyService, tinyEvent } from "../helpers/tinyService.ts";

const run = promisify(execFile);

const ROOT = new URL("../..", import.meta.url).pathname;

let dev: ChildProcess | undefined;
afterEach(async () => {
  if (dev?.pid === undefined) return;
  const gone = once(dev, "exit");
  process.kill(-dev.pid, "SIGKILL");
  await gone;
  dev = undefined;
});

const TOKEN = "a-token-for-dev";

it("langgraphjs dev serves the graph of langgraph.json, behind its token, and the SDK script of docs/studio.md passes", async () => {
  const dir = tempFolder();
  const tiny = makeTinyService(dir, { settings: { autonomy: "supervised" } });
  const config = join(dir, "selfheal.config.json");
  writeFileSync(config, JSON.stringify({ dataDir: "data", services: [tiny.settings] }));
  const batchId = await crashed(join(dir, "data"), tiny);
  const url = await startDev(config);

  for (const path of ["/ok", "/threads/search", "/assistants/search", "/runs", "/store/items"]) {
    for (const headers of [{}, { "x-auth-scheme": "langsmith" }, { "x-api-key": "wrong" }]) {
      const method = path === "/ok" ? "GET" : "POST";
      expect([path, (await fetch(`${url}${path}`, { method, headers })).status]).toEqual([path, 401]);
    }
  }
  const client = new Client({ apiUrl: url, apiKey: TOKEN });
  const [assistant] = await client.assistants.search({ graphId: "selfheal" });
  const graph = await client.assistants.getGraph(assistant?.assistant_id ?? "");
  const names = graph.nodes.map((node) => node.id);
  expect(names).toEqual(
    expect.arrayContaining(["triage", "planner", "coder", "tester", "gate", "deployer", "verifier"]),
  );
  const threadId = ticketId(batchId, 0);
  await client.threads.create({ threadId, graphId: "selfheal" });
  await client.runs.wait(threadId, "selfheal", { input: { entry: "batch", batchId } });
  const { stdout } = await runScript(url, TOKEN, threadId);
  expect(stdout).toContain("question: approveDeploy");
  expect(stdout).toContain("answered: approve; the ticket is soaking");
  expect(stdout).toContain("a second answer: refused with 409");
  expect(tiny.deploys()).toHaveLength(1);
});

it("the same script passes against the running process", async () => {
  const dir = tempFolder();
  const tiny = makeTinyService(dir, { settings: { autonomy: "supervised" } });
  const server = await startServe(dir, { services: [tiny.settings] });
  try {
    await server.post(tinyEvent(tiny));
    const ticket = await server.ticketWhere((t) => t.state === "awaitingApproval");
    const { stdout } = await runScript(server.url, server.token, ticket.id);
    expect(stdout).toContain("question: approveDeploy");
    expect(stdout).toMatch(/answered: approve; the ticket is (soaking|healed)/);
    expect(stdout).toContain("a second answer: refused with 409");
    await server.ticketWhere((t) => t.state === "healed");
    expect(tiny.deploys()).toHaveLength(1);
  } finally {
    await server.stop();
  }
});

function runScript(url: string, token: string, thread: string) {
  const env = { ...process.env, SELFHEAL_URL: url, SELFHEAL_TOKEN: token };
  const script = join(ROOT, "examples/studio-sdk.ts");
  return run(process.execPath, ["--import", "tsx", script, thread], { env, cwd: ROOT });
}

/** A batch in the data folder, as ingest leaves one: `langgraphjs dev` has no ingest. */
async function crashed(dataDir: string, tiny: TinyService): Promise<string> {
  const stores = await openEmbeddedStores(dataDir, { now: () => Date.now() });
  // Now: what happened long ago is not worked on (docs/claims.md).
  const event = tinyCrash({ release: tiny.head, receivedAt: Date.now() });
  await stores.spool.append([event]);
  const { issue } = await stores.issues.digest(event, fingerprint(event));
  const now = Date.now();
  const window = { project: "test", service: "tiny", issueIds: [issue.id], openedAt: now, lastAt: now, dueAt: now };
  const batch = await stores.debounce.close(window, now);
  await stores.close();
  return batch.id;
}

async function startDev(config: string): Promise<string> {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  dev = spawn(
    "npx",
    ["langgraphjs", "dev", "--no-browser", "--no-reload", "--host", "127.0.0.1", "--port", `${port}`],
    {
      cwd: ROOT,
      detached: true,
      stdio: "ignore",
      env: {
        ...process.env,
        SELFHEAL_CONFIG: config,
        SELFHEAL_TOKEN: TOKEN,
        LANGGRAPH_CLI_NO_ANALYTICS: "1",
        LOG_LEVEL: "warn",
      },
    },
  );
  // The one route of that server without auth.
  await eventually(async () => expect((await fetch(`${url}/info`)).ok).toBe(true), 100);
  return url;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  if (address === null || typeof address === "string") throw new Error("no port");
  return address.port;
}
