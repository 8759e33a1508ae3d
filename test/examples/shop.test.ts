import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { bugs, ordinary, type Reply, runTraffic } from "../../examples/shop/scripts/traffic.mjs";
import { admissionOf } from "../../src/agents/securityReviewer/admission.ts";
import { makeShopHome, type ShopHome } from "../helpers/shopHome.ts";
import { buildPlan } from "../helpers/ticketBuilder.ts";
import { type Repair, right, wrong, yen } from "./repairs.ts";

let shop: ShopHome;
/** What git tracks in the shop. */
let sources: string[];

beforeAll(async () => {
  shop = await makeShopHome();
  sources = (await execa("git", ["ls-files"], { cwd: shop.repo })).stdout.split("\n");
});
afterAll(() => shop.remove());

/** Deploys a tree with the repairs and sends one round of everything. */
async function trafficAfter(commit: string, repairs: readonly Repair[]): Promise<Map<string, Reply>> {
  const deployed = await shop.deploy(await shop.checkout(repairs), commit);
  expect(deployed.exitCode, String(deployed.stderr)).toBe(0);
  const replies = await runTraffic({ baseUrl: await shop.baseUrl() });
  return new Map(replies.map((reply) => [reply.id, reply]));
}

async function health(): Promise<{ status: number; body: unknown }> {
  const response = await fetch(`${await shop.baseUrl()}/health`);
  return { status: response.status, body: await response.json() };
}

async function live(): Promise<string> {
  return String((await shop.script(shop.repo, "live.mjs", { SHOP_HOME: shop.home })).stdout);
}

async function replay(dir: string, event: unknown) {
  const file = join(shop.home, "event.json");
  await writeFile(file, JSON.stringify(event));
  return shop.script(dir, "replay.mjs", { SELFHEAL_EVENT: file });
}

describe.each(bugs)("planted bug $id", ({ id, module, function: fn, request, crash, handled, outcome }) => {
  const event = {
    request: {
      method: request.method,
      url: `http://127.0.0.1:1234${request.path}`,
      headers: {},
      ...(request.body === undefined ? {} : { body: JSON.stringify(request.body) }),
    },
  };

  it("crashes on replay with the documented error at the documented place", async () => {
    const { exitCode, stderr, stdout } = await replay(shop.repo, event);
    expect(exitCode).toBe(1);
    const [message, ...frames] = String(stderr).split("\n");
    expect(message).toBe(`${crash.type}: ${crash.message}`);
    const inApp = frames.filter((frame) => frame.includes("file://"));
    expect(inApp[0]).toContain(`/repo/${module}:`);
    expect(inApp.filter((frame) => frame.includes(module)).join("\n")).toContain(` ${fn} (`);
    expect(stdout).toContain(`→ ${crash.status}`);
    expect(crash.status).toBe(handled === true ? 200 : 500);
  });

  const isAsked = outcome === "approved";
  const how = isAsked ? "by an edit that a person is asked about" : "by an admitted edit";
  it(`is healed ${how}, judged at the frames of the crash itself`, async () => {
    const [repair] = [...right, ...yen].filter(({ bug }) => bug === id);
    if (repair === undefined) throw new Error(`no repair of ${id}`);
    const { stderr } = await replay(shop.repo, event);
    const frames = [...String(stderr).matchAll(/\/repo\/(\S+?):(\d+):\d+/g)];
    const places = frames.map(([, file = "", line]) => ({ file, line: Number(line) }));
    const before = await readFile(join(shop.repo, repair.file), "utf8");
    const admission = await admissionOf({
      workspace: { files: async () => sources, read: (path) => readFile(join(shop.repo, path), "utf8") },
      files: [{ path: repair.file, before, after: before.replace(repair.from, () => repair.to) }],
      message: crash.message,
      plan: buildPlan({ files: [repair.file], places }),
      own: null,
    });
    expect(admission.findings.map(({ weight }) => weight)).toEqual(isAsked ? ["soft"] : []);
    expect(admission.entries).toHaveLength(isAsked ? 0 : 1);
  });

  it("replays cleanly after a repair", async () => {
    const repairs = [...right, ...yen.slice(0, 1)].filter(({ bug }) => bug === id);
    expect(repairs).toHaveLength(1);
    const { exitCode, stderr } = await replay(await shop.checkout(repairs), event);
    expect(stderr).toBe("");
    expect(exitCode).toBe(0);
  });
});

describe("a replay", () => {
  it("says so when there is no request to replay", async () => {
    expect((await replay(shop.repo, {})).exitCode).toBe(2);
  });
});

describe("the deployed shop", () => {
  it("crashes for the planted requests only, and is healthy", async () => {
    expect(await live()).toBe("");
    const replies = await trafficAfter("base", []);
    for (const { id } of ordinary) expect(replies.get(id), id).toMatchObject({ asExpected: true });
    for (const { id, crash } of bugs)
      expect(replies.get(id), id).toMatchObject({ status: crash.status, asExpected: false });
    expect(await health()).toEqual({ status: 200, body: { status: "ok" } });
    expect(await live()).toBe("base");
  });

  it("answers as documented after the right repairs, on the port it had", async () => {
    const before = await shop.baseUrl();
    const replies = await trafficAfter("right", right);
    expect(await shop.baseUrl()).toBe(before);
    for (const { id } of ordinary) expect(replies.get(id), id).toMatchObject({ asExpected: true });
    for (const { id, expected } of bugs) {
      if (expected !== null) expect(replies.get(id), id).toMatchObject({ asExpected: true });
    }
    expect((await health()).status).toBe(200);
    expect(await live()).toBe("right");
  });

  it("shows wrong repairs by their answers", async () => {
    const replies = await trafficAfter("wrong", wrong);
    for (const { bug } of wrong) expect(replies.get(bug), bug).toMatchObject({ asExpected: false });
  });

  it.each(yen.map((repair, i) => ({ repair, i })))(
    "fails its health check once yen have a price ($i)",
    async ({ repair, i }) => {
      const replies = await trafficAfter(`yen-${i}`, [...right, repair]);
      expect(replies.get("price-in-yen")?.status).toBe(200);
      const { status, body } = await health();
      expect(status).toBe(503);
      expect(body).toMatchObject({
        faults: expect.arrayContaining([expect.stringMatching(/^sencha costs (0|NaN|undefined) /)]),
      });
      // A roll back is a deployment of what was there before.
      await shop.deploy(shop.repo, "right");
      expect(await live()).toBe("right");
      expect((await health()).status).toBe(200);
    },
  );

  it("keeps its suite green under every repair", async () => {
    const suite = await execa("npm", ["test"], {
      cwd: await shop.checkout([...right, ...yen.slice(0, 1)]),
      reject: false,
    });
    expect(suite.exitCode, suite.stdout).toBe(0);
  });

  it("says so when a release does not start", async () => {
    const broken = await shop.checkout([
      { file: "src/main.js", from: "await createReporter", to: "await createNothing" },
    ]);
    const deployed = await shop.deploy(broken, "broken");
    expect(deployed.exitCode).toBe(1);
    expect(deployed.stderr).toContain("does not start");
    expect(await live()).toBe("");
  });
});
