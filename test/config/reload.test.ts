import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { auditKillSwitch } from "../../src/autonomy/killSwitch.ts";
import { createLiveConfig, createReloader, loadConfig, parseConfig } from "../../src/config/index.ts";
import type { AuditEntry } from "../../src/domain/audit.ts";
import { newsOf } from "../../src/integrations/notifications/auditWatcher.ts";
import { gitRepository } from "../helpers/gitRepository.ts";
import { startServe } from "../helpers/serveProcess.ts";
import { testSystem } from "../helpers/system.ts";
import { tempFolder } from "../helpers/tempFolder.ts";

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

  it("takes over keys, the commands of a service and the channels, and reads it again when asked over REST", async () => {
    const dir = tempFolder();
    const file = join(dir, "selfheal.config.json");
    const repo = gitRepository({ "a.js": "1\n" }).dir;
    const service = { name: "tiny", project: "test", repo, deployCommand: "false" };
    const key = { project: "test", tier: "T1" };
    const first = { services: [service], keys: [{ ...key, key: "old-key-0001" }] };
    const server = await startServe(dir, first);
    onTestFinished(() => server.kill());
    const before = JSON.parse(readFileSync(file, "utf8"));
    const write = (config: object) => writeFileSync(file, JSON.stringify(config));
    const post = (path: string, bearer: string, body: object) =>
      fetch(`${server.url}${path}`, {
        method: "POST",
        headers: { authorization: `Bearer ${bearer}`, "content-type": "application/json" },
        body: JSON.stringify(body),
      });
    const reload = async () => (await post("/v1/config/reload", server.token, {})).json();
    const event = { service: "tiny", exception: { type: "E", value: "v" } };
    expect((await post("/v1/events", "new-key-0001", event)).status).toBe(401);
    write({
      ...before,
      services: [{ ...service, deployCommand: "true", health: undefined }],
      keys: [{ ...key, key: "new-key-0001" }],
      notificationChannels: [{ type: "log", name: "quiet", on: ["asked"] }],
    });
    await reload();
    // The watch of the file may have been faster.
    const { entries } = await server.get<{ entries: AuditEntry[] }>("/v1/audit");
    expect(entries.find(({ kind }) => kind === "config.reloaded")?.facts).toEqual({
      changed: ["notificationChannels", "keys", 'services "tiny".deployCommand'],
      needsRestart: [],
    });
    expect((await post("/v1/events", "new-key-0001", event)).ok).toBe(true);
    expect((await post("/v1/events", "old-key-0001", event)).status).toBe(401);
    write({ autonomy: "ful" });
    expect(await reload()).toMatchObject({
      error: { code: "config", message: expect.stringContaining("did you mean") },
    });
    expect((await fetch(`${server.url}/v1/config/reload`, { method: "POST" })).status).toBe(401);
  });

  it("channels that cannot be made leave the former ones; new ones are told", async () => {
    const { system, faults } = await testSystem();
    const { live, stores } = system;
    const tell = (key: string) =>
      system.notifier.notify({ key, kind: "healed", ticketId: null, title: "t", text: "", request: null });
    const where = async () => (await stores.outbox.channelsDue()).sort();
    const withChannels = (notificationChannels: object[]) =>
      live.apply(parseConfig({ ...JSON.parse(JSON.stringify(live.config)), notificationChannels }));
    withChannels([{ type: "slack", urlEnv: "NOT_SET" }]);
    expect(faults.join()).toContain("the environment variable NOT_SET is not set");
    await tell("one");
    expect(await where()).toEqual(["log"]);
    withChannels([{ type: "log", name: "other" }]);
    await tell("two");
    expect(await where()).toEqual(["log", "other"]);
  });

  it("the kill switch without its button is on record once a change, and people are told", async () => {
    const { system } = await testSystem();
    const { stores, killSwitch, config } = system;
    const look = () => auditKillSwitch(killSwitch, stores);
    await look();
    const file = join(config.dataDir, "PAUSE");
    writeFileSync(file, "");
    await look();
    await look();
    rmSync(file);
    await look();
    const entries = (await stores.audit.list()).toReversed();
    expect(entries.map(({ kind, actor, facts }) => [kind, actor, facts.why])).toEqual([
      ["system.paused", "system", `the file ${file} is there`],
      ["system.resumed", "system", `no more: the file ${file} is there`],
    ]);
    await system.sendNotifications();
    const [paused] = entries;
    expect(paused && newsOf(paused, null)?.text).toBe(`All deployments are stopped: the file ${file} is there`);
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
