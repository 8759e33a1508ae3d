import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Notification, NotificationKind } from "../../src/domain/notification.ts";
import type { Outbox } from "../../src/domain/ports/outbox.ts";
import type { TestClock } from "../helpers/testClock.ts";

interface Made {
  outbox: Outbox;
  clock: TestClock;
  /** The same rows, as a process that starts anew finds them. */
  reopen(): Promise<{ outbox: Outbox }>;
}

export function buildMessage(key: string, kind: NotificationKind = "deployed"): Notification {
  return { key, kind, ticketId: null, title: `title of ${key}`, text: "text", request: null };
}

const summary = (count: number, questions: number) => {
  const { key: _, ...rest } = buildMessage("-", "system");
  return { ...rest, text: `${count} of which ${questions}` };
};

const keys = async (outbox: Outbox, channel: string, limit = 100) =>
  (await outbox.due(channel, limit)).map(({ message }) => message.key);

/** What every Outbox must do. */
export function outboxContract(name: string, make: () => Promise<Made>): void {
  describe(`Outbox: ${name}`, () => {
    it("keeps a message once a key and channel, over a restart too", async () => {
      const { outbox, clock, reopen } = await make();
      await outbox.add(buildMessage("a"), ["slack", "mail"]);
      await outbox.add({ ...buildMessage("a"), title: "another" }, ["slack", "hook"]);
      await outbox.add(buildMessage("b"), []);
      const again = (await reopen()).outbox;
      expect(await again.channelsDue()).toEqual(["hook", "mail", "slack"]);
      expect(await again.due("slack", 10)).toEqual([
        {
          message: buildMessage("a"),
          channel: "slack",
          state: "waiting",
          attempts: 0,
          dueAt: clock.now(),
          createdAt: clock.now(),
          error: null,
        },
      ]);
    });

    it("lets a new process send at once what the last one was cut off sending", async () => {
      const { outbox, clock, reopen } = await make();
      const later = clock.now() + 10_000;
      for (const key of ["cutOff", "failed", "sent"]) {
        await outbox.add(buildMessage(key), ["slack"]);
        await outbox.intend(key, "slack", later);
      }
      await outbox.settle("failed", "slack", "waiting", "it answered HTTP 500");
      await outbox.settle("sent", "slack", "sent");
      const again = (await reopen()).outbox;
      expect(await keys(again, "slack")).toEqual([]);
      await again.requeueInterrupted();
      expect(await again.due("slack", 10)).toMatchObject([
        { message: { key: "cutOff" }, attempts: 1, state: "sending" },
      ]);
    });

    it("sends what was tried least first, then questions, then the oldest", async () => {
      const { outbox, clock } = await make();
      for (const [key, kind] of [
        ["tried", "asked"],
        ["old", "healed"],
        ["new", "deployed"],
        ["q", "asked"],
      ] as const) {
        await outbox.add(buildMessage(key, kind), ["slack"]);
        clock.advance(1);
      }
      await outbox.intend("tried", "slack", clock.now());
      await outbox.settle("tried", "slack", "waiting", "no");
      expect(await keys(outbox, "slack")).toEqual(["q", "old", "new", "tried"]);
      expect(await keys(outbox, "slack", 2)).toEqual(["q", "old"]);
    });

    it("what was intended and never settled is due again when INTENT said, tried once", async () => {
      const { outbox, clock, reopen } = await make();
      await outbox.add(buildMessage("a"), ["slack"]);
      await outbox.intend("a", "slack", clock.now() + 10);
      const again = (await reopen()).outbox;
      expect(await again.due("slack", 1)).toEqual([]);
      clock.advance(10);
      expect(await again.due("slack", 1)).toMatchObject([{ state: "sending", attempts: 1 }]);
    });

    it("is done with what was sent, given up or overtaken, in that channel alone", async () => {
      const { outbox, clock } = await make();
      for (const key of ["a", "b", "c", "d"]) await outbox.add(buildMessage(key), ["slack", "mail"]);
      for (const key of ["a", "b", "c"]) await outbox.intend(key, "slack", clock.now());
      await outbox.settle("a", "slack", "sent");
      await outbox.settle("b", "slack", "givenUp", "HTTP 500");
      await outbox.settle("c", "slack", "overtaken");
      // Late word about something that is done changes nothing.
      await outbox.settle("a", "slack", "waiting", "late");
      await outbox.intend("b", "slack", clock.now());
      expect(await keys(outbox, "slack")).toEqual(["d"]);
      expect(await keys(outbox, "mail")).toEqual(["a", "b", "c", "d"]);
      expect(await outbox.counts()).toEqual({ waiting: 5, givenUp: 1 });
      expect(await outbox.sentSince("slack", clock.now())).toEqual({ count: 1, firstAt: clock.now() });
      expect(await outbox.sentSince("slack", clock.now() + 1)).toEqual({ count: 0, firstAt: null });
    });

    it("holds back what is due", async () => {
      const { outbox, clock } = await make();
      await outbox.add(buildMessage("a"), ["slack", "mail"]);
      await outbox.hold("slack", clock.now() + 5);
      expect(await outbox.channelsDue()).toEqual(["mail"]);
      clock.advance(5);
      expect(await keys(outbox, "slack")).toEqual(["a"]);
    });

    it("sums up what is due, in one message that is never summed up itself", async () => {
      const { outbox, clock } = await make();
      await outbox.add(buildMessage("a", "asked"), ["slack", "mail"]);
      await outbox.add(buildMessage("b"), ["slack"]);
      await outbox.add(buildMessage("later"), ["slack"]);
      await outbox.intend("later", "slack", clock.now() + 1);
      const first = await outbox.summarize("slack", summary);
      expect(first).toMatchObject({ channel: "slack", state: "waiting", message: { text: "2 of which 1" } });
      expect(await keys(outbox, "slack")).toEqual([first?.message.key]);
      expect(await outbox.summarize("slack", summary)).toBeNull();
      clock.advance(1);
      const second = await outbox.summarize("slack", summary);
      expect(second?.message.text).toBe("1 of which 0");
      expect(second?.message.key).not.toBe(first?.message.key);
      expect(await keys(outbox, "mail")).toEqual(["a"]);
    });

    it("whatever the order of what happens, a key is sent at most once a channel", async () => {
      const step = fc.record({
        key: fc.constantFrom("a", "b", "c"),
        channel: fc.constantFrom("x", "y"),
        act: fc.nat(4),
      });
      await fc.assert(
        fc.asyncProperty(fc.array(step, { maxLength: 25 }), async (steps) => {
          const { outbox, clock } = await make();
          const sent: string[] = [];
          for (const { key, channel, act } of steps) {
            if (act <= 1) await outbox.add(buildMessage(key), [channel]);
            else if (act === 2) clock.advance(7);
            else {
              const [next] = await outbox.due(channel, 1);
              if (next === undefined) continue;
              await outbox.intend(next.message.key, channel, clock.now() + 5);
              if (act === 4) sent.push(`${next.message.key} ${channel}`);
              await outbox.settle(next.message.key, channel, act === 4 ? "sent" : "waiting");
            }
          }
          expect(sent).toEqual([...new Set(sent)]);
        }),
        { numRuns: 15 },
      );
    });
  });
}
