import { join } from "node:path";
import { execa } from "execa";
import { describe, expect, test } from "vitest";
import { SERVER_KEY, startIngest } from "../helpers/ingestServer.ts";
import { tempFolder } from "../helpers/tempFolder.ts";

const CLIENT = join(import.meta.dirname, "../../clients/elixir");
const APP = join(import.meta.dirname, "../fixtures/elixirApp");
const HAS_MIX = (await execa("mix", ["--version"], { reject: false })).exitCode === 0;

const mix = (cwd: string, args: string[], env: Record<string, string> = {}) =>
  execa("mix", args, {
    cwd,
    reject: false,
    all: true,
    env: { ...env, MIX_BUILD_PATH: tempFolder(), LC_ALL: "C.UTF-8" },
  });

describe.skipIf(!HAS_MIX)("selfheal for Elixir (needs Elixir)", () => {
  test("its own tests pass, and it compiles without a warning", async () => {
    const ran = await mix(CLIENT, ["test", "--warnings-as-errors"], { MIX_ENV: "test" });
    expect(ran.all).toContain(" 0 failures");
    expect(ran.exitCode).toBe(0);
  });

  test("a GenServer that crashes in a real application reaches the server", async () => {
    const server = await startIngest();
    const crash =
      'catch_exit = try do Shop.Cart.total(%{code: "4111-1111"}) catch :exit, _ -> :ok end; :ok = catch_exit; :ok = Selfheal.flush(300_000)';
    const ran = await mix(APP, ["run", "-e", crash], {
      SELFHEAL_CLIENT: CLIENT,
      SELFHEAL_URL: server.url,
      SELFHEAL_KEY: SERVER_KEY,
      MIX_LOCKFILE: join(tempFolder(), "mix.lock"),
    });
    expect(ran).toMatchObject({ exitCode: 0 });
    const events = await server.stored();
    expect(events).toHaveLength(1);
    expect(events[0]).toMatchObject({
      service: "shop-api",
      platform: "elixir",
      release: "abc1234",
      handled: false,
      level: "fatal",
      trustTier: "T1",
      exception: { type: "KeyError", value: "key :cents not found in: map with 1 keys" },
    });
    expect(events[0]?.exception.frames[0]).toMatchObject({
      file: "lib/shop/cart.ex",
      function: "Shop.Cart.reduced/2",
      line: 13,
      inApp: true,
    });
    expect(events[0]?.exception.frames.slice(2).every((frame) => !frame.inApp)).toBe(true);
    expect(JSON.stringify(events)).not.toContain("4111");
  });
});
