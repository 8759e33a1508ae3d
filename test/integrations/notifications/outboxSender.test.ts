import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it, onTestFinished } from "vitest";
import { SelfhealError } from "../../../src/domain/errors.ts";
import type { Notification } from "../../../src/domain/notification.ts";
import type { Channel } from "../../../src/domain/ports/notifier.ts";
import { redactText } from "../../../src/ingest/privacy/redactText.ts";
import { newsOf } from "../../../src/integrations/notifications/auditWatcher.ts";
import { backoffMs } from "../../../src/integrations/notifications/backoff.ts";
import { createNotifier } from "../../../src/integrations/notifications/notifier.ts";
import { createOutboxSender } from "../../../src/integrations/notifications/outboxSender.ts";
import { openEmbeddedStores } from "../../../src/store/embedded.ts";
import { buildMessage } from "../../contract/outbox.ts";
import { tempFolder } from "../../helpers/tempFolder.ts";
import { testClock } from "../../helpers/testClock.ts";

const HOUR = 3_600_000;

/** A courier over real stores; the channel does what `act` says. */
async function bench() {
  const clock = testClock();
  const dir = join(tempFolder(), "data");
  let stores = await openEmbeddedStores(dir, clock);
  onTestFinished(() => stores.close());
  const sent: Notification[] = [];
  const state = { act: async (_: Notification): Promise<void> => undefined, answered: new Set<string>() };
  const channel: Channel = {
    name: "hook",
    recipient: "hook",
    on: ["asked", "deployed"],
    send: async (message) => {
      await state.act(message);
      sent.push(message);
    },
  };
  const log = { info: () => undefined, warn: () => undefined, error: () => undefined };
  const make = () =>
    createOutboxSender({
      ...stores,
      channels: () => [channel],
      linksFor: async () => ({ page: null, answer: null, command: null }),
      stillTrue: async ({ key }) => !state.answered.has(key),
      clock,
      log,
      random: () => 0.5,
    });
  let outboxSender = make();
  return {
    clock,
    sent,
    state,
    add: (key: string, name = "hook") => stores.outbox.add(buildMessage(key), [name]),
    deliver: (signal?: AbortSignal) => outboxSender.deliver(signal),
    counts: () => stores.outbox.counts(),
    audit: async () => (await stores.audit.list()).map(({ kind, facts }) => ({ kind, ...facts })),
    notifier: () => createNotifier({ ...stores, channels: () => [channel], scrub: redactText }),
    due: () => stores.outbox.due("hook", 100),
    async restart() {
      await stores.close();
      stores = await openEmbeddedStores(dir, clock);
      outboxSender = make();
    },
  };
}

const no = async () => {
  throw new SelfhealError("channel", "it answered HTTP 500");
};

describe("the courier", () => {
  it("sends a message once", async () => {
    const { add, deliver, sent } = await bench();
    for (let n = 0; n < 3; n++) {
      await add("a");
      await deliver();
    }
    expect(sent.map(({ key }) => key)).toEqual(["a"]);
  });

  it("tries again later and later, gives up after a day, and puts that on record once", async () => {
    const { add, deliver, state, clock, audit, counts } = await bench();
    const tries: number[] = [];
    state.act = () => {
      tries.push(clock.now());
      return no();
    };
    await add("a");
    for (let n = 0; n < 26 * 360; n++) {
      await deliver();
      clock.advance(10_000);
    }
    const waits = tries.slice(1).map((at, index) => at - (tries[index] ?? 0));
    expect(waits.slice(0, 4)).toEqual([10_000, 20_000, 40_000, 80_000]);
    expect(Math.max(...waits)).toBe(600_000);
    expect(await counts()).toEqual({ waiting: 0, givenUp: 1 });
    const facts = { key: "a", channel: "hook", attempts: tries.length, reason: "it answered HTTP 500" };
    expect(await audit()).toEqual([{ kind: "message.given_up", ...facts }]);
  });

  it("cut off between INTENT and CONFIRM: sent again after the restart, under the same key, and the rest too", async () => {
    const { add, deliver, state, clock, sent, restart, due } = await bench();
    for (const key of ["a", "b"]) await add(key);
    const stop = new AbortController();
    const heard: string[] = [];
    state.act = async ({ key }) => {
      heard.push(key);
      stop.abort();
      throw new Error("the process is gone");
    };
    await deliver(stop.signal);
    await restart();
    expect(await due()).toMatchObject([{ message: { key: "b" }, attempts: 0 }]);
    state.act = async ({ key }) => void heard.push(key);
    await deliver();
    clock.advance(10_000);
    await deliver();
    await deliver();
    expect(heard).toEqual(["a", "b", "a"]);
    expect(sent.map(({ key }) => key)).toEqual(["b", "a"]);
  });

  it("a storm becomes 30 messages an hour, the last of which counts the rest", async () => {
    const { add, deliver, clock, sent } = await bench();
    for (let n = 0; n < 100; n++) await add(`m${n}`);
    await deliver();
    expect(sent).toHaveLength(30);
    expect(sent.at(-1)?.text).toBe("71 further messages: see the dashboard");
    for (let n = 100; n < 140; n++) await add(`m${n}`);
    for (let n = 0; n < 10; n++) await deliver();
    expect(sent).toHaveLength(30);
    clock.advance(HOUR + 1);
    await deliver();
    expect(sent).toHaveLength(60);
    expect(sent.at(-1)?.text).toBe("11 further messages: see the dashboard");
  });

  it("does not send a question that was answered meanwhile, nor to a channel that is gone", async () => {
    const { add, deliver, state, sent, audit, counts } = await bench();
    state.answered.add("a");
    await add("a");
    await add("b", "gone");
    await deliver();
    expect(sent).toEqual([]);
    expect(await counts()).toEqual({ waiting: 0, givenUp: 1 });
    expect(await audit()).toMatchObject([{ kind: "message.given_up", key: "b", channel: "gone" }]);
  });

  it("puts no words of a strange error on record: they may hold a secret", async () => {
    const { add, deliver, state, due, clock } = await bench();
    state.act = () => Promise.reject(new Error("https://hooks.example/hunter2"));
    await add("a");
    await deliver();
    clock.advance(10_000);
    expect(await due()).toMatchObject([{ error: "it could not be sent" }]);
  });

  it("waits 10 s to 10 min, whatever the attempt and the jitter", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 5000 }), fc.double({ min: 0, max: 1, noNaN: true }), (attempt, random) => {
        expect(backoffMs(attempt, random)).toBeGreaterThanOrEqual(10_000);
        expect(backoffMs(attempt, random)).toBeLessThanOrEqual(600_000);
      }),
    );
  });
});

describe("the notifier", () => {
  it("stores what others wrote without secrets and invisible characters, shortened, where it is wanted", async () => {
    const { notifier, due } = await bench();
    const text = `\u202etoken: sk-abcdefghijklmnop1234567890 ${"x".repeat(5000)}`;
    await notifier().notify({ ...buildMessage("a"), title: "a\nb", text });
    await notifier().notify(buildMessage("unwanted", "healed"));
    const [delivery, ...more] = await due();
    expect(more).toEqual([]);
    expect(delivery?.message.title).toBe("a b");
    expect(delivery?.message.text).toHaveLength(2000);
    expect(JSON.stringify(delivery)).not.toMatch(/abcdefghijklmnop|\u202e/);
  });
});

describe("the news of an audit entry", () => {
  const entry = (kind: string, facts = {}) => ({
    ...{ sequence: 7, at: 1, kind, actor: "person:mia", ticketId: null, facts, previousHash: "", hash: "" },
  });
  const deployment = {
    deployment: "d1",
    service: "shop",
    commit: "c".repeat(40),
    previous: "p".repeat(40),
    reason: "r",
  };

  it.each([
    [
      "deploy.live",
      { ...deployment, auto: true },
      "deployed",
      "deployed d1",
      /cccccccccccc is live, deployed without a/,
    ],
    ["deploy.rolled_back", deployment, "rolledBack", "rolledBack d1", /pppppppppppp was put back/],
    ["fix.held", deployment, "healed", "healed d1", /^shop: r$/],
    ["system.paused", {}, "system", "system.paused 7", /^mia stopped/],
    ["breaker.opened", {}, "system", "breaker.opened 7", /without a person/],
    ["message.given_up", { key: "a", channel: "hook", reason: "r" }, "system", "given up a hook", /given up: r/],
  ])("%s", (kind, facts, told, key, text) => {
    expect(newsOf(entry(kind, facts), { service: "shop-api", plan: null, title: "t" })).toMatchObject({
      kind: told,
      key,
      text: expect.stringMatching(text),
    });
  });

  it("is nothing for the rest, and for a message about a message", () => {
    expect(newsOf(entry("ticket.opened"), null)).toBeNull();
    expect(newsOf(entry("message.given_up", { key: "given up a hook", channel: "x", reason: "r" }), null)).toBeNull();
  });
});
