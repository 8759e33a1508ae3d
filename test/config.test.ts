import { describe, expect, it } from "vitest";
import { parseConfig } from "../src/config.ts";

const service = { name: "shop", project: "shop", repo: "/srv/shop" };

/** Paths and messages of everything that is wrong. */
function faultsOf(input: unknown): string {
  try {
    parseConfig(input);
    return "";
  } catch (error) {
    return (error as Error).message;
  }
}

describe("the configuration", () => {
  it.each([
    ["at the top", { autonmy: "observe" }, "autonmy"],
    ["of a service: it would pass for the global one", { services: [{ ...service, autonmy: "observe" }] }, "autonmy"],
    ["of a health check", { services: [{ ...service, health: { ur: "http://127.0.0.1/" } }] }, "ur"],
    ["of a limit", { limits: { maxBody: 1 } }, "maxBody"],
    ["of a key", { keys: [{ key: "0123456789", project: "shop", teir: "T1" }] }, "teir"],
    ["of the model", { model: { nmae: "x" } }, "nmae"],
  ])("names a misspelt key %s", (_, input, name) => {
    expect(faultsOf(input)).toContain(`"${name}"`);
  });

  it("says where, and everything at once", () => {
    const text = faultsOf({ port: -1, services: [{ ...service, repo: "" }, service] });
    expect(text).toMatch(/port: .*; services\[0\]\.repo: /);
  });

  it("a health check that checks nothing is a fault", () => {
    expect(faultsOf({ services: [{ ...service, health: {} }] })).toBe("services[0].health: give url, command or both");
    expect(faultsOf({ services: [{ ...service, health: { command: "true" } }] })).toBe("");
  });

  it("a service is there once", () => {
    expect(faultsOf({ services: [service, service] })).toBe('services[1].name: "shop" is there twice');
  });
});
