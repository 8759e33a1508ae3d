import { setTimeout as delay } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import type { Nodes } from "../../../src/graph/graph.ts";
import { createDrain } from "../../../src/graph/wrappers/drain.ts";
import { codes, repairs, testSystem, tinyCrash } from "../../helpers/system.ts";

/** A promise, and what fulfils it. */
function signal() {
  let done: () => void = () => undefined;
  const promise = new Promise<void>((resolve) => {
    done = resolve;
  });
  return { promise, done };
}

describe("an agent that is stuck", () => {
  it("is taken off the ticket after escalationTimeoutMs, and a person is asked", async () => {
    const begun = signal();
    const stuck = async () => {
      begun.done();
      return new Promise<never>(() => undefined);
    };
    const t = await testSystem({ brains: { coder: codes(stuck) }, settings: { testTimeoutMs: 1000 } });
    const started = t.crash(tinyCrash());
    await begun.promise;
    t.clock.advance(299_000);
    await t.wakeUpTimer.fireDue();
    const [coding] = await t.system.stores.tickets.list();
    expect(coding).toMatchObject({ state: "coding", approval: null });
    t.clock.advance(2000);
    await t.wakeUpTimer.fireDue();
    const id = await started;
    await t.runner.idle();
    expect(await t.ticket(id)).toMatchObject({
      state: "escalated",
      approval: { kind: "escalate", reasons: [expect.stringContaining("no headway while coding")] },
    });
    expect((await t.audit(id)).filter((kind) => kind === "ticket.stuck" || kind === "ticket.escalated")).toEqual([
      "ticket.stuck",
      "ticket.escalated",
    ]);
    await t.fireDue(600_000);
    expect((await t.audit(id)).filter((kind) => kind === "ticket.escalated")).toHaveLength(1);
    expect((await t.answer(id, { type: "dismiss", by: "ada", message: "no" })).state).toBe("dismissed");
  });

  it("is not one whose commands come to their ends", async () => {
    const t = await testSystem({
      brains: {
        coder: codes(async (input) => {
          for (let i = 0; i < 3; i += 1) {
            t.clock.advance(200_000);
            await input.check({ suite: false });
          }
          return repairs()(input);
        }),
      },
    });
    const id = await t.crash(tinyCrash());
    await t.fireDue();
    expect((await t.ticket(id)).state).toBe("soaking");
    expect(await t.audit(id)).not.toContain("ticket.stuck");
  });

  it("waits for nothing once its step is done", async () => {
    const t = await testSystem({ config: { autonomy: "supervised" } });
    const id = await t.crash(tinyCrash());
    const rows = (await t.system.stores.wakeUps.due(Number.MAX_SAFE_INTEGER)).filter((w) => w.ticketId === id);
    expect(rows.map((row) => row.kind)).toEqual(["remind"]);
  });
});

describe("a drain", () => {
  const nodesOf = (node: Nodes["planner"]) => ({ planner: node }) as unknown as Nodes;

  it("lets the step under way end, and none begin", async () => {
    const drain = createDrain();
    const going = signal();
    let calls = 0;
    const { planner } = drain.nodes(
      nodesOf(async () => {
        calls += 1;
        await going.promise;
        return {};
      }),
    );
    const first = planner({} as never, new AbortController().signal);
    const drained = drain.drain(10_000);
    const second = planner({} as never, new AbortController().signal);
    expect(await Promise.race([drained, second, delay(60, "still going")])).toBe("still going");
    going.done();
    await first;
    expect(await drained).toBe(true);
    expect(await Promise.race([second, delay(20, "waits")])).toBe("waits");
    expect(calls).toBe(1);
  });

  it("does not wait for ever", async () => {
    const drain = createDrain();
    const { planner } = drain.nodes(nodesOf(() => new Promise<never>(() => undefined)));
    void planner({} as never, new AbortController().signal);
    expect(await drain.drain(50)).toBe(false);
  });
});
