import { afterEach, beforeEach, describe, expect, it } from "vitest";
import {
  checkAdminToken,
  ensureAdminToken,
  newAdminToken,
  replaceAdminToken,
  sameSecret,
} from "../../../src/dashboard/access/adminToken.ts";
import { type DashboardHome, makeDashboardHome } from "../../helpers/dashboardHome.ts";

let home: DashboardHome;
beforeEach(async () => {
  home = await makeDashboardHome();
});
afterEach(() => home.remove());

describe("the admin token", () => {
  it("has 32 random bytes behind a prefix that secret scanners know", () => {
    expect(newAdminToken()).toMatch(/^sh_[\w-]{43}$/);
    expect(newAdminToken()).not.toBe(newAdminToken());
  });

  it("is made once, and only its hash is kept", async () => {
    const again = await ensureAdminToken(home.stores.settings, () => "sh_another");
    expect(again.token).toBeNull();
    const stored = await home.stores.settings.get("adminTokenHash");
    expect(stored).toMatch(/^[0-9a-f]{64}$/);
    expect(stored).not.toContain(home.token);
  });

  it("opens for itself alone", async () => {
    const { settings } = home.stores;
    expect(await checkAdminToken(settings, home.token)).toBe(true);
    for (const wrong of ["", "sh_", `${home.token}x`, home.token.slice(0, -1), "sh_another"]) {
      expect(await checkAdminToken(settings, wrong)).toBe(false);
    }
    await settings.set("adminTokenHash", "");
    expect(await checkAdminToken(settings, "")).toBe(false);
  });

  it("is replaced for who has lost it, on record, and the one before ends", async () => {
    const { settings, audit } = home.stores;
    const { token } = await replaceAdminToken(home.stores, newAdminToken);
    expect([await checkAdminToken(settings, token), await checkAdminToken(settings, home.token)]).toEqual([
      true,
      false,
    ]);
    expect((await audit.list({ limit: 1 }))[0]?.kind).toBe("token.replaced");
  });

  it("compares secrets of any lengths", () => {
    expect(sameSecret("a", "a")).toBe(true);
    expect(sameSecret("a", "ab")).toBe(false);
  });
});
