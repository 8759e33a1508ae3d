import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, it, onTestFinished } from "vitest";
import { bugs, runTraffic } from "../../examples/shop/scripts/traffic.mjs";
import type { CapturedEvent } from "../../src/domain/event.ts";
import { SERVER_KEY, startIngest } from "../helpers/ingestServer.ts";
import { eventually } from "../helpers/patience.ts";
import { makeShopHome } from "../helpers/shopHome.ts";

const CLIENT = fileURLToPath(new URL("../../clients/node/src/index.js", import.meta.url));

it("streams every crash with all that its replay needs", async () => {
  const ingest = await startIngest({ services: [{ name: "shop", project: "shop" }] });
  const shop = await makeShopHome();
  onTestFinished(() => shop.remove());
  await shop.configure({ SHOP_CLIENT: CLIENT, SHOP_REPORT_URL: ingest.url, SHOP_REPORT_KEY: SERVER_KEY });
  expect((await shop.deploy(shop.repo, shop.head)).exitCode).toBe(0);

  await runTraffic({ baseUrl: await shop.baseUrl() });
  const events = await eventually(async () => {
    const stored = await ingest.stored();
    expect(stored).toHaveLength(bugs.length);
    return stored;
  });

  for (const { id, crash, module, request, handled = false } of bugs) {
    const event = events.find((e) => e.request?.url.endsWith(request.path) && e.exception.value === crash.message);
    expect(event, id).toMatchObject({
      service: "shop",
      release: shop.head,
      environment: "production",
      level: "error",
      handled,
      exception: { type: crash.type },
    });
    expect(event?.exception.frames.find((frame) => frame.inApp)?.file, id).toContain(`/${module}`);
    expect(await replayed(event), id).toContain(`${crash.type}: ${crash.message}\n`);
  }

  async function replayed(event: CapturedEvent | undefined): Promise<string> {
    const file = join(shop.home, "event.json");
    await writeFile(file, JSON.stringify(event));
    const { exitCode, stderr } = await shop.script(shop.repo, "replay.mjs", { SELFHEAL_EVENT: file });
    expect(exitCode).toBe(1);
    return String(stderr);
  }
});
