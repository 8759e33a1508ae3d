import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { createLiveConfig, createReloader, loadConfig, parseConfig } from "../src/config.ts";
import { testSystem } from "./helpers/system.ts";
import { tempFolder } from "./helpers/tempFolder.ts";

const shop = { name: "shop", project: "p", repo: "/srv/shop" };

describe("a configuration that changes while the process runs", () => {
  it("is taken over where a key is live, and names what needs a restart", () => {
    const live = createLiveConfig(parseConfig({ services: [shop], retention: { everyMs: 5 } }));
    const { retention } = live.config;
    const next = parseConfig({
      autonomy: "full",
      port: 1,
      retention: { everyMs: 7 },
      services: [
        { ...shop, repo: "/elsewhere", autonomy: "observe" },
        { ...shop, name: "more" },
      ],
    });
    expect(live.apply(next)).toEqual({
      changed: ["autonomy", "retention.everyMs", 'services "shop".autonomy'],
      needsRestart: ["port", 'services "more"', 'services "shop".repo'],
    });
    expect(live.config).toMatchObject({ autonomy: "full", port: 4700, services: [{ repo: "/srv/shop" }] });
    expect(live.config.services).toHaveLength(1);
    expect(retention.everyMs).toBe(7);
    expect(live.apply(next).changed).toEqual([]);
  });

  it("a faulty one changes nothing, and both are on the record", async () => {
    const { system, faults } = await testSystem();
    const file = join(tempFolder(), "selfheal.config.json");
    const { stores, live, log } = system;
    const reloader = createReloader({ live, load: () => loadConfig({ file }), audit: stores.audit, log });
    writeFileSync(file, '{ "autonomy": "ful" }');
    expect(await reloader.reload("person:ada")).toMatchObject({ kind: "rejected" });
    expect([system.config.autonomy, faults.length]).toEqual(["full", 1]);
    const settings = { name: "tiny", project: "test", repo: "/elsewhere", autonomy: "assist" };
    writeFileSync(file, JSON.stringify({ autonomy: "observe", services: [settings] }));
    await reloader.reload("person:ada");
    expect([system.config.autonomy, system.services.get("tiny")?.autonomy]).toEqual(["observe", "assist"]);
    expect(system.services.get("tiny")?.repo).not.toBe("/elsewhere");
    const [reloaded, rejected] = await stores.audit.list({ limit: 2 });
    expect(rejected).toMatchObject({
      kind: "config.rejected",
      facts: { faults: [expect.stringMatching(/^autonomy: .*did you mean full\? \(line 1\)$/)] },
    });
    expect(reloaded).toMatchObject({ kind: "config.reloaded", actor: "person:ada" });
    expect(reloaded?.facts.changed).toContain("autonomy");
    expect(reloaded?.facts.needsRestart).toContain("dataDir");
  });
});
