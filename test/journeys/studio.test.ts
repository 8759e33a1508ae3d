import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { Client } from "@langchain/langgraph-sdk";
import { afterEach, expect, it } from "vitest";
import { tempFolder } from "../helpers/tempFolder.ts";

const ROOT = new URL("../..", import.meta.url).pathname;

let dev: ChildProcess | undefined;
afterEach(async () => {
  if (dev?.pid === undefined) return;
  const gone = once(dev, "exit");
  process.kill(-dev.pid, "SIGKILL");
  await gone;
});

it("langgraphjs dev serves the graph of langgraph.json, for Studio", async () => {
  const dir = tempFolder();
  const config = join(dir, "selfheal.config.json");
  writeFileSync(config, JSON.stringify({ dataDir: "data" }));
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  dev = spawn(
    "npx",
    ["langgraphjs", "dev", "--no-browser", "--no-reload", "--host", "127.0.0.1", "--port", `${port}`],
    {
      cwd: ROOT,
      detached: true,
      stdio: "ignore",
      env: { ...process.env, SELFHEAL_CONFIG: config, LANGGRAPH_CLI_NO_ANALYTICS: "1", LOG_LEVEL: "warn" },
    },
  );
  await until(async () => (await fetch(`${url}/ok`)).ok);

  const client = new Client({ apiUrl: url });
  const [assistant] = await client.assistants.search({ graphId: "selfheal" });
  const graph = await client.assistants.getGraph(assistant?.assistant_id ?? "");
  const names = graph.nodes.map((node) => node.id);
  expect(names).toEqual(
    expect.arrayContaining(["triage", "planner", "coder", "tester", "gate", "deployer", "verifier"]),
  );
  const thread = await client.threads.create();
  // There is no such batch: the run ends, and the state says why.
  await client.runs.wait(thread.thread_id, "selfheal", { input: { entry: "batch", batchId: "none" } });
  const { values, next } = await client.threads.getState<{ cause: string }>(thread.thread_id);
  expect({ cause: values.cause, next }).toEqual({ cause: "triage failed: there is no batch none", next: [] });
});

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  if (address === null || typeof address === "string") throw new Error("no port");
  return address.port;
}

async function until(holds: () => Promise<boolean>): Promise<void> {
  const end = Date.now() + 40_000;
  while (!(await holds().catch(() => false))) {
    if (Date.now() > end) throw new Error("langgraphjs dev did not start");
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
