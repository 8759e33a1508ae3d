import { describe, expect, it } from "vitest";
import { createThrottle } from "../../../src/dashboard/access/throttle.ts";
import { callApi } from "../../helpers/apiCalls.ts";
import { makeDashboardHome } from "../../helpers/dashboardHome.ts";
import { sendLogin } from "../../helpers/dashboardSession.ts";
import { testClock } from "../../helpers/testClock.ts";

const here = { address: "192.0.2.1", account: null };

describe("the throttle", () => {
  it("waits longer after each wrong credential, up to five minutes, and forgets after a quiet quarter of an hour", () => {
    const clock = testClock();
    const throttle = createThrottle({ clock });
    for (let i = 0; i < 10; i += 1) expect(throttle.failed(here)).toBe(false);
    const waits: number[] = [];
    for (let i = 0; i < 12; i += 1) {
      throttle.failed(here);
      waits.push(throttle.waitMs(here));
      clock.advance(throttle.waitMs(here));
      expect(throttle.waitMs(here)).toBe(0);
    }
    expect(waits.slice(0, 4)).toEqual([1000, 2000, 4000, 8000]);
    expect(waits.at(-1)).toBe(300_000);
    clock.advance(900_000);
    expect([throttle.failed(here), throttle.waitMs(here)]).toEqual([false, 0]);
  });

  it("never makes an address wait for the failures of others, even on its own account", () => {
    const throttle = createThrottle({ clock: testClock() });
    for (let i = 0; i < 5000; i += 1) throttle.failed({ address: `198.51.100.${i % 250}`, account: "a1" });
    expect(throttle.waitMs({ address: "198.51.100.7", account: "a1" })).toBeGreaterThan(0);
    expect(throttle.waitMs({ address: "192.0.2.1", account: "a1" })).toBe(0);
    // One wrong credential from there, and the account's wait counts there too.
    throttle.failed({ address: "192.0.2.1", account: "a1" });
    expect(throttle.waitMs({ address: "192.0.2.1", account: "a1" })).toBeGreaterThan(0);
  });

  it("remembers a bounded number, whatever addresses and accounts are invented", () => {
    const throttle = createThrottle({ clock: testClock() });
    for (let i = 0; i < 20; i += 1) throttle.failed(here);
    for (let i = 0; i < 20_000; i += 1) throttle.failed({ address: `2001:db8:${i}::/64`, account: `${i}` });
    expect(throttle.waitMs(here)).toBe(0);
    expect(throttle.counts().failed).toBe(20_020);
  });
});

it("every way to present a token waits, says the same whatever is wrong, and is on record once a minute", async () => {
  const home = await makeDashboardHome();
  try {
    const ada = await home.tokenOf("ada");
    const { id } = (await home.stores.users.tokens())[0] ?? { id: "" };
    const revoked = await home.tokenOf("bob");
    await home.stores.users.remove("bob", 1);
    const answers = new Set<string>();
    const unknown = `shu_0123456789abcdef_${"A".repeat(43)}`;
    for (const token of ["sh_wrong", unknown, `shu_${id}_${"A".repeat(43)}`, revoked]) {
      const reply = await callApi(home, "GET", "/v1/status", undefined, token);
      answers.add(`${reply.status} ${JSON.stringify(reply.body)}`);
    }
    expect([...answers]).toHaveLength(1);
    for (let i = 0; i < 7; i += 1) expect((await sendLogin(home, { token: "sh_wrong" })).status).toBe(401);
    // Eleven were wrong: the address waits, with the right token too, in every way.
    const tried = await callApi(home, "GET", "/v1/status", undefined, ada);
    expect([tried.status, tried.body.error?.code]).toEqual([429, "tooManyAttempts"]);
    const login = await sendLogin(home, { token: ada });
    expect([login.status, login.headers.get("retry-after")]).toEqual([429, "1"]);
    expect((await home.app.request("/answer/x.y")).status).toBe(429);
    home.clock.advance(1000);
    expect((await sendLogin(home, { token: ada })).status).toBe(303);
    for (let i = 0; i < 5; i += 1) {
      await home.app.request("/answer/x.y");
      home.clock.advance(1000 * 2 ** (i + 1));
    }
    const told = (await home.stores.audit.list()).filter(({ kind }) => kind === "access.throttled");
    expect(told.map(({ facts }) => facts.failures)).toEqual([11]);
    home.clock.advance(60_000);
    await home.app.request("/answer/x.y");
    expect((await home.stores.audit.list()).filter(({ kind }) => kind === "access.throttled")).toHaveLength(2);
  } finally {
    await home.remove();
  }
});
