import { describe, expect, test } from "vitest";
import { createCpuBudget, digestAccount, keyAccount } from "../../../src/ingest/admission/cpuBudget.ts";
import { createOwnCpu, createWorkLane } from "../../../src/ingest/admission/workLane.ts";

/** A lane over a clock of its own: a piece costs what it says, and turns come when the test says so. */
function makeLane() {
  let cpu = 0;
  const turns: (() => void)[] = [];
  const done: string[] = [];
  const booked: [string, number][] = [];
  const lane = createWorkLane({
    cpuNow: () => cpu,
    turn: () => new Promise((resolve) => turns.push(resolve)),
    book: (account, costMs) => booked.push([account, costMs]),
  });
  return {
    lane,
    done,
    booked,
    ask: (account: string, what: string, costMs: number) =>
      lane.run(account, () => {
        cpu += costMs;
        done.push(what);
        return what;
      }),
    turn: async () => {
      turns.shift()?.();
      await new Promise((resolve) => setImmediate(resolve));
    },
  };
}

describe("the lane", () => {
  test("works ten milliseconds a turn, one account after the other", async () => {
    const { ask, turn, done, booked, lane } = makeLane();
    for (const piece of ["a1", "a2", "a3", "a4"]) void ask("a", piece, 6);
    void ask("b", "b1", 6);
    expect(done).toEqual(["a1", "a2"]);
    await turn();
    expect(done).toEqual(["a1", "a2", "a3", "b1"]);
    await turn();
    expect(done).toEqual(["a1", "a2", "a3", "b1", "a4"]);
    expect(lane.waiting()).toBe(0);
    expect(booked).toHaveLength(5);
    expect(booked[0]).toEqual(["a", 6]);
  });

  test("passes on what a piece throws, and goes on", async () => {
    const { lane, ask } = makeLane();
    const failing = lane.run("a", () => {
      throw new Error("broken");
    });
    await expect(failing).rejects.toThrow("broken");
    expect(await ask("a", "next", 1)).toBe("next");
  });

  test("counts neither the time of other threads nor that of other processes", () => {
    let [wall, used] = [0, 0];
    const cpu = createOwnCpu(
      () => wall,
      () => used,
    );
    const costOf = (wallMs: number, usedMs: number) => {
      const from = cpu();
      wall += wallMs;
      used += usedMs;
      return cpu() - from;
    };
    expect(costOf(5, 20)).toBe(5);
    expect(costOf(500, 7)).toBe(7);
  });
});

describe("the CPU budget", () => {
  const shares = { cpuSharePerPublicKey: 0.1, cpuShareOfPublicKeys: 0.2, cpuSharePerSecretKey: 0.5 };
  const key = (tier: "T0" | "T1" | "T2", keyId: string) => ({ tier, keyId, project: "shop" });
  const make = () => {
    let now = 0;
    const budget = createCpuBudget(
      () => shares,
      () => now,
    );
    return { ...budget, pass: (ms: number) => (now += ms) };
  };

  test("a public key has less than a secret one, and all public keys together are bounded", () => {
    const { book, waitFor } = make();
    for (const id of ["p1", "p2", "p3"]) book(keyAccount(key("T0", id)), 900);
    expect(waitFor(key("T0", "p1"))).not.toBeNull();
    expect(waitFor(key("T0", "never-seen"))).not.toBeNull();
    expect(waitFor(key("T1", "s1"))).toBeNull();
    book(keyAccount(key("T1", "s1")), 4900);
    expect(waitFor(key("T1", "s1"))).toBeNull();
    book(keyAccount(key("T1", "s1")), 200);
    expect(waitFor(key("T1", "s1"))).not.toBeNull();
    expect(waitFor(key("T2", "s2"))).toBeNull();
  });

  test("one public key alone does not spend what the others need", () => {
    const { book, waitFor } = make();
    book(keyAccount(key("T0", "loud")), 1100);
    expect(waitFor(key("T0", "loud"))).not.toBeNull();
    expect(waitFor(key("T0", "quiet"))).toBeNull();
  });

  test("digesting counts for the project and tier", () => {
    const { book, waitFor } = make();
    book(digestAccount({ project: "shop", trustTier: "T1" }), 5100);
    expect(waitFor(key("T1", "s1"))).not.toBeNull();
    expect(waitFor({ ...key("T1", "s1"), project: "bank" })).toBeNull();
  });

  test("the window slides: after the wait that it names, the key may go on", () => {
    const { book, waitFor, pass } = make();
    book(keyAccount(key("T0", "p")), 600);
    pass(4000);
    book(keyAccount(key("T0", "p")), 600);
    const waitMs = waitFor(key("T0", "p"));
    expect(waitMs).toBe(6000);
    pass((waitMs ?? 0) - 1);
    expect(waitFor(key("T0", "p"))).not.toBeNull();
    pass(1);
    expect(waitFor(key("T0", "p"))).toBeNull();
  });
});
